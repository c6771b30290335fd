package io.tandem.gateway.fake;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Started;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Answers {@value #ANSWER}, or what a test lets it. */
public final class FakeDecoder extends DecoderServiceGrpc.DecoderServiceImplBase {

    /** Its answer to everything. */
    public static final String ANSWER = "Grüße, world!";

    private final List<GenerateRequest> requests = new CopyOnWriteArrayList<>();
    private final List<GenerateRequest> journal;
    private final BlockingQueue<Held> held;
    private final AtomicInteger cancelled = new AtomicInteger();
    private volatile BiConsumer<GenerateRequest, Held> script;

    /**
     * @param journal gets every request, beside those of other decoders
     * @param held gets what is left without an answer, beside theirs
     */
    FakeDecoder(List<GenerateRequest> journal, BlockingQueue<Held> held) {
        this.journal = journal;
        this.held = held;
    }

    /** Answers everything from now on as the script does. */
    public void answer(BiConsumer<GenerateRequest, Held> newScript) {
        script = newScript;
    }

    /** Leaves everything from now on without an answer, for {@link FakeCluster#nextHeld}. */
    public void hold() {
        script = (request, call) -> held.add(call);
    }

    /** Fails everything from now on. */
    public void failAll(TandemException failure) {
        script = (request, call) -> call.fail(failure);
    }

    /** Calls that clients cancelled. */
    public int cancelled() {
        return cancelled.get();
    }

    /** All requests since the last reset. */
    public List<GenerateRequest> requests() {
        return requests;
    }

    void reset() {
        requests.clear();
        cancelled.set(0);
        script = (request, call) -> call.answer(request.getReturnTokenIds());
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> response) {
        ServerCallStreamObserver<GenerateEvent> call = (ServerCallStreamObserver<GenerateEvent>) response;
        call.setOnCancelHandler(cancelled::incrementAndGet);
        requests.add(request);
        journal.add(request);
        script.accept(request, new Held(call));
    }

    /** A call that a test answers by hand. */
    public record Held(ServerCallStreamObserver<GenerateEvent> call) {

        /** The usual answer, from start to end. */
        public void answer(boolean tokenIds) {
            start();
            delta("Grüße,", tokenIds ? List.of(11, 12) : List.of());
            delta(" world!", tokenIds ? List.of(13) : List.of());
            finish(Finished.Reason.REASON_STOP, 4);
        }

        /** Says that the request has a slot. */
        public void start() {
            call.onNext(GenerateEvent.newBuilder()
                    .setStarted(Started.newBuilder().setQueueMicros(1000).setTransferMicros(2000))
                    .build());
        }

        /** Says a piece. */
        public void delta(String text, List<Integer> tokenIds) {
            delta(Delta.newBuilder().setText(text).addAllTokenIds(tokenIds).build());
        }

        /** Says a piece with whatever belongs to it. */
        public void delta(Delta delta) {
            call.onNext(GenerateEvent.newBuilder().setDelta(delta).build());
        }

        /** Says the end. */
        public void finish(Finished.Reason reason, int tokens) {
            call.onNext(GenerateEvent.newBuilder()
                    .setFinished(Finished.newBuilder()
                            .setReason(reason)
                            .setCompletionTokens(tokens)
                            .setDecodeMicros(3000))
                    .build());
            call.onCompleted();
        }

        /** Fails. */
        public void fail(TandemException failure) {
            call.onError(GrpcErrors.toStatus(failure));
        }
    }
}
