package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.Delta;
import java.util.List;

/** The sinks of one writing, which know whether a client has seen anything: until then it may be tried again. Used by the request's thread. */
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

    /** Makes ready for another try; false if a client has seen something of this one. */
    boolean restart() {
        if (begun && !sinks.stream().allMatch(GenerationSink::restart)) {
            return false;
        }
        begun = false;
        return true;
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
