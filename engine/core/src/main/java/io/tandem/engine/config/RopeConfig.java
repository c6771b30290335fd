package io.tandem.engine.config;

/**
 * Rotary position embedding of one layer type.
 *
 * <p>Frequency {@code i} of {@code headDim / 2} is {@code theta^(-2i/headDim) / factor} radians a position.
 *
 * @param theta {@code rope_theta} of the layer type, or {@code rope_theta} (full) and {@code rope_local_base_freq}
 *     (sliding) of older files; the base of the geometric series, positive
 * @param factor {@code factor} where {@code rope_type} is {@code linear}, 1 where it is {@code default}; positive
 */
public record RopeConfig(double theta, double factor) {}
