package io.tandem.encoder.encoding;

import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.runtime.batching.BatchRunner;
import java.util.List;

/** Gives the encoder several segments at once, weighed by tokens. For one thread at a time, as its runner is. */
public final class EncoderBatches implements BatchRunner<EncoderInput, float[]> {

    private final EncoderRunner runner;

    /** @param runner belongs to this object from now on */
    public EncoderBatches(EncoderRunner runner) {
        this.runner = runner;
    }

    @Override
    public int weight(EncoderInput segment) {
        return segment.tokens().length;
    }

    @Override
    public List<float[]> run(List<EncoderInput> segments) {
        return runner.encode(segments);
    }

    @Override
    public void close() {
        runner.close();
    }
}
