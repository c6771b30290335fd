package io.tandem.engine.config;

import java.util.List;
import java.util.OptionalDouble;

/**
 * One text stack, the encoder or the decoder; built by {@link ConfigReader}, which has checked the values against each
 * other.
 *
 * @param layers {@code num_hidden_layers}
 * @param hiddenSize {@code hidden_size}, the width d of a state
 * @param heads {@code num_attention_heads}, query heads H
 * @param kvHeads {@code num_key_value_heads}, key and value heads G; divides {@code heads}
 * @param headDim {@code head_dim}, the width h of one head; even; {@code heads * headDim} need not be {@code hiddenSize}
 * @param intermediateSize {@code intermediate_size}, the width f inside the MLP
 * @param vocabSize {@code vocab_size}, rows of the embedding table
 * @param slidingWindow {@code sliding_window}, W in tokens
 * @param maxPositions {@code max_position_embeddings}, the longest sequence in tokens
 * @param rmsNormEps {@code rms_norm_eps}
 * @param queryPreAttnScalar {@code query_pre_attn_scalar}; attention scores are multiplied by its power -0.5
 * @param layerTypes {@code layer_types}, or made from {@code sliding_window_pattern}; one a layer
 * @param slidingRope rotary embedding of the sliding layers
 * @param fullRope rotary embedding of the full layers
 * @param finalLogitSoftcapping {@code final_logit_softcapping}; only the decoder's is used
 */
public record TextConfig(
        int layers,
        int hiddenSize,
        int heads,
        int kvHeads,
        int headDim,
        int intermediateSize,
        int vocabSize,
        int slidingWindow,
        int maxPositions,
        float rmsNormEps,
        float queryPreAttnScalar,
        List<LayerType> layerTypes,
        RopeConfig slidingRope,
        RopeConfig fullRope,
        OptionalDouble finalLogitSoftcapping) {

    public TextConfig {
        layerTypes = List.copyOf(layerTypes);
    }

    /**
     * The rotary embedding that a layer uses.
     *
     * @param layer from 0 to {@code layers - 1}
     */
    public RopeConfig rope(int layer) {
        return switch (layerTypes.get(layer)) {
            case SLIDING -> slidingRope;
            case FULL -> fullRope;
        };
    }
}
