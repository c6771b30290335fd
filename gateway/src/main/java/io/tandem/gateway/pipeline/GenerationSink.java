package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.Delta;

/** Takes an answer while it is written, on the thread that runs the request; a slow sink slows the decoder down. */
public interface GenerationSink {

    /** Called once, before the first {@link #delta}; from now on nothing is tried again. */
    void begin(Preamble preamble);

    /**
     * Called for every piece of the answer.
     *
     * @param delta whole characters, possibly none, with what the request asked for about the tokens behind them
     */
    void delta(Delta delta);

    /** Called once, behind the last {@link #delta}. */
    void end(Outcome outcome);
}
