package io.tandem.engine.ops;

/**
 * {@code y = (x - mean) * rsqrt(variance + epsilon) * weight + bias}, as SigLIP has it.
 *
 * @param weight [1, columns]
 * @param bias [1, columns]
 * @param epsilon config key {@code layer_norm_eps}
 */
public record LayerNorm(Tensor weight, Tensor bias, float epsilon) {}
