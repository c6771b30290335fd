package io.tandem.engine.model;

import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.Ops;

/** The second half of a text layer, which encoder and decoder compute alike. */
final class Feedforward {

    private Feedforward() {}

    /** {@code states += post_ff_norm(mlp(pre_ff_norm(states)))}. */
    static void apply(Ops ops, TextLayer layer, TextScratch scratch) {
        ops.rmsNorm(scratch.states, layer.preFeedforward(), scratch.normalised);
        ops.geglu(scratch.normalised, layer.mlp().gate(), layer.mlp().up(), scratch.gated);
        ops.matmul(scratch.gated, layer.mlp().down(), Epilogue.NONE, scratch.added);
        ops.addRmsNorm(scratch.states, scratch.added, layer.postFeedforward());
    }
}
