package io.tandem.engine.runner;

import io.tandem.engine.model.TextPass;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Segments;
import java.util.ArrayList;
import java.util.List;

/** A pass of the model that takes a turn for each slice. Mutable; used by its runner's thread. */
final class ModelEncoderPass implements EncoderPass {

    private final Ops ops;
    private final TextPass pass;
    private final Segments segments;
    private final Slices slices;

    ModelEncoderPass(Ops ops, TextPass pass, Segments segments, Slices slices) {
        this.ops = ops;
        this.pass = pass;
        this.segments = segments;
        this.slices = slices;
    }

    @Override
    public boolean advance() {
        slices.advance(pass);
        return pass.done();
    }

    @Override
    public double remaining() {
        return pass.remaining();
    }

    @Override
    public List<float[]> states() {
        if (!pass.done()) {
            throw new IllegalStateException("%.0f %% of the pass are left to do".formatted(100 * pass.remaining()));
        }
        List<float[]> states = new ArrayList<>();
        for (int i = 0; i < segments.count(); i++) {
            float[] values = new float
                    [Math.multiplyExact(segments.length(i), pass.states().columns())];
            ops.read(pass.states(), segments.start(i), values, 0, segments.length(i));
            states.add(values);
        }
        return states;
    }

    @Override
    public void close() {
        pass.close();
    }
}
