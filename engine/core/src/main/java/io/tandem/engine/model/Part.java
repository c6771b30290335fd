package io.tandem.engine.model;

/** A part of the model that one process may need without the others. */
public enum Part {
    /** SigLIP and projector. */
    VISION,
    /** The bidirectional text stack. */
    ENCODER,
    /** The causal text stack with the language model head. */
    DECODER
}
