package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.Delta;
import java.util.List;

/** The sinks of one writing, which know whether anything has reached them: until then it may be tried again. Used by the request's thread. */
final class Answer {

    private final List<? extends GenerationSink> sinks;
    private boolean begun;

    Answer(List<? extends GenerationSink> sinks) {
        this.sinks = sinks;
    }

    /** Answers that come. */
    int count() {
        return sinks.size();
    }

    boolean hasBegun() {
        return begun;
    }

    void begin(Preamble preamble) {
        if (!begun) {
            begun = true;
            sinks.forEach(sink -> sink.begin(preamble));
        }
    }

    void delta(int number, Delta delta) {
        if (!delta.equals(Delta.getDefaultInstance())) {
            sinks.get(number).delta(delta);
        }
    }
}
