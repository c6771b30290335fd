package io.tandem.engine.ops;

/**
 * {@code y = x * rsqrt(mean(x^2) + epsilon) * (1 + weight)}.
 *
 * @param weight [1, columns]
 * @param epsilon config key {@code rms_norm_eps}
 */
public record RmsNorm(Tensor weight, float epsilon) {}
