package io.tandem.engine.model;

import io.tandem.engine.ops.Tensor;

/** Sees the states of a forward pass on their way, so that tests can compare every layer with the reference. */
public interface Trace {

    /** Sees nothing. */
    Trace NONE = new Trace() {
        @Override
        public void embedded(Tensor states) {}

        @Override
        public void layer(int layer, Tensor states) {}

        @Override
        public void normalised(Tensor states) {}
    };

    /** The input of layer 0, [rows, hiddenSize]; to be read before returning. */
    void embedded(Tensor states);

    /** The output of a layer, [rows, hiddenSize]; to be read before returning. */
    void layer(int layer, Tensor states);

    /** The states after the last norm, [rows, hiddenSize]; to be read before returning. */
    void normalised(Tensor states);
}
