package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.Delta;

/** A sink that knows whether anything has reached it: until then a request may be tried again. Used by the request's thread. */
final class Answer {

    private final GenerationSink sink;
    private boolean begun;

    Answer(GenerationSink sink) {
        this.sink = sink;
    }

    boolean hasBegun() {
        return begun;
    }

    void begin(Preamble preamble) {
        if (!begun) {
            begun = true;
            sink.begin(preamble);
        }
    }

    void delta(Delta delta) {
        if (!delta.equals(Delta.getDefaultInstance())) {
            sink.delta(delta);
        }
    }
}
