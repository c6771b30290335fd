package io.tandem.engine.config;

/**
 * The SigLIP vision tower, from {@code encoder.vision_config}.
 *
 * @param hiddenSize {@code hidden_size}
 * @param layers {@code num_hidden_layers}
 * @param heads {@code num_attention_heads}; divides {@code hiddenSize}
 * @param intermediateSize {@code intermediate_size}, the width inside the MLP
 * @param imageSize {@code image_size}, side of the square input in pixels
 * @param patchSize {@code patch_size}, side of a patch in pixels
 * @param channels {@code num_channels}
 * @param layerNormEps {@code layer_norm_eps}; also that of the projector's RMSNorm
 */
public record VisionConfig(
        int hiddenSize,
        int layers,
        int heads,
        int intermediateSize,
        int imageSize,
        int patchSize,
        int channels,
        float layerNormEps) {

    /** Patches along one side; an edge that doesn't fill a patch is dropped, as the patch convolution drops it. */
    public int patchesPerSide() {
        return imageSize / patchSize;
    }
}
