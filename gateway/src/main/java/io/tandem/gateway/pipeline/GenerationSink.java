package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.Delta;

/** Takes an answer while it is written, on the thread that runs the request; a slow sink slows the decoder down. */
public interface GenerationSink {

    /**
     * Called when the prompt has been read that this is the first answer to, whether or not an answer comes then.
     *
     * @param prompt what reading it cost
     */
    default void read(TokenCounts prompt) {
        // What an answer is made of does not depend on it.
    }

    /** Called before the first {@link #delta}: once, and again after every {@link #restart} that was granted. */
    void begin(Preamble preamble);

    /**
     * Called for every piece of the answer.
     *
     * @param delta whole characters, possibly none, with what the request asked for about the tokens behind them
     */
    void delta(Delta delta);

    /**
     * Called when whoever wrote is lost in the middle of the answer: what has come may be forgotten, to be written again from its
     * beginning.
     *
     * @return false if a client has seen some of it
     */
    boolean restart();

    /** Called once, behind the last {@link #delta}. */
    void end(Outcome outcome);
}
