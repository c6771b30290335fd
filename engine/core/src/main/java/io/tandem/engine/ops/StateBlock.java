package io.tandem.engine.ops;

/**
 * The encoder states of one segment, which all decoder layers share, and for each token, layer and key/value head the one number that
 * its key's norm comes to: small, and more work to attend to. Layers read it by their {@link Absorption}.
 */
public non-sealed interface StateBlock extends EncoderBlock {}
