package io.tandem.engine.config;

/** How far a text layer's self attention reaches: an entry of {@code layer_types}. */
public enum LayerType {
    /** {@code sliding_attention}: about {@link TextConfig#slidingWindow()} tokens. */
    SLIDING,
    /** {@code full_attention}: all tokens. */
    FULL
}
