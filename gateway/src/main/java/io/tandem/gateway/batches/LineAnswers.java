package io.tandem.gateway.batches;

import java.util.concurrent.CompletableFuture;

/** Understands lines and answers them, as a client's own requests are. Thread-safe. */
public interface LineAnswers {

    /**
     * Looks at a line as far as that needs nobody else.
     *
     * @param endpoint path that all lines of the batch are for
     * @return the line's {@code custom_id}
     */
    String check(byte[] line, String endpoint) throws LineRefusal;

    /**
     * Whether its owner's limits leave room for one more line; asked again and again as long as they don't.
     *
     * @param underway lines of the same batch that have no answer yet
     */
    boolean mayBegin(String owner, int underway);

    /**
     * Answers a line behind all interactive requests; blocks its thread, a virtual one. What the client did wrong is an answer too.
     *
     * @param cancelled completes when nobody wants the answer any more
     * @throws io.tandem.contract.TandemException what went wrong here
     */
    LineResult answer(byte[] line, Batch batch, CompletableFuture<Void> cancelled);

    /** The answer to a line that was given up. */
    LineResult givenUp(byte[] line, String code, String reason);
}
