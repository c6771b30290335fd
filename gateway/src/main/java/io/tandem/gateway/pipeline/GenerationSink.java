package io.tandem.gateway.pipeline;

import java.util.List;

/** Takes an answer while it is written, on the thread that runs the request; a slow sink slows the decoder down. */
public interface GenerationSink {

    /** Called once, before the first {@link #delta}; from now on nothing is tried again. */
    void begin(Preamble preamble);

    /**
     * Called for every piece of the answer.
     *
     * @param text whole characters, possibly none
     * @param tokenIds the tokens behind it, when the request asked for them
     */
    void delta(String text, List<Integer> tokenIds);
}
