package io.tandem.encoder.encoding;

import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderPass;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.runtime.batching.BatchPass;
import io.tandem.runtime.batching.SlicedRunner;
import java.util.List;

/** Gives the encoder several segments at once, weighed by tokens. For one thread at a time, as its runner is. */
public final class EncoderBatches implements SlicedRunner<EncoderInput, float[]> {

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
    public BatchPass<float[]> begin(List<EncoderInput> segments) {
        return new Pass(runner.begin(segments));
    }

    /** An encoder's pass, as the worker sees it. */
    private record Pass(EncoderPass pass) implements BatchPass<float[]> {

        @Override
        public boolean advance() {
            return pass.advance();
        }

        @Override
        public double remaining() {
            return pass.remaining();
        }

        @Override
        public List<float[]> results() {
            return pass.states();
        }

        @Override
        public void close() {
            pass.close();
        }
    }

    @Override
    public void close() {
        runner.close();
    }
}
