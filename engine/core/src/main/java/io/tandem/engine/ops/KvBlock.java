package io.tandem.engine.ops;

/** Keys and values of one encoded segment in every decoder layer: fast to attend to, and large. */
public non-sealed interface KvBlock extends EncoderBlock {}
