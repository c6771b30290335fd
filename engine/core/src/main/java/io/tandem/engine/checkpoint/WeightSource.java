package io.tandem.engine.checkpoint;

import io.tandem.engine.config.ModelConfig;

/**
 * Where a model's weights come from: a folder, or made up in memory. Any thread may ask; the owner closes it when no
 * tensor is read any more.
 */
public interface WeightSource extends AutoCloseable {

    /** The model that these weights make up. */
    ModelConfig config();

    /**
     * One tensor, of the shape that {@link TensorNames#shapes(ModelConfig)} gives for it.
     *
     * @param canonicalName a name of {@link TensorNames}, such as {@code encoder.layers.0.mlp.up_proj.weight}
     * @throws IllegalArgumentException when the model has no tensor of that name
     */
    StoredTensor tensor(String canonicalName);

    /**
     * Says that a tensor's data is not read any more, so that a source which holds it in memory of its own may give that back.
     *
     * @param canonicalName as {@link #tensor} was asked
     */
    default void release(String canonicalName) {}

    /**
     * Format of the constants that the reference keeps beside the weights: the factor on embeddings and the frequencies of RoPE.
     * They are fp32 whatever the weights are, unless a whole model was converted, constants and all.
     */
    default DType constants() {
        return DType.F32;
    }

    /** 64 hex digits that stand for this model's configuration and weights; equal for equal models. */
    String fingerprint();

    /** Gives the memory back; reading the data of a tensor afterwards throws {@link IllegalStateException}. */
    @Override
    void close();
}
