package io.tandem.engine.model;

import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.Weight;

/**
 * Weights of one SigLIP layer; d is the tower's hidden size.
 *
 * @param attentionNorm norm before the attention
 * @param q query projection, [d, d]
 * @param k key projection, [d, d]
 * @param v value projection, [d, d]
 * @param out output projection, [d, d], added to the residual
 * @param mlpNorm norm before the MLP
 * @param up [f, d], with gelu
 * @param down [d, f], added to the residual
 */
record VisionLayer(
        LayerNorm attentionNorm, Linear q, Linear k, Linear v, Linear out, LayerNorm mlpNorm, Linear up, Linear down) {

    /**
     * A product and what is done with it.
     *
     * @param weight [outputs, inputs]
     * @param epilogue holds the bias
     */
    record Linear(Weight weight, Epilogue epilogue) {}
}
