package io.tandem.engine.runner;

/** In which form a decoder keeps what was encoded; the answers are the same up to the rounding of sums. */
public enum MemoryForm {

    /** Keys and values of every decoder layer. */
    PROJECTED,

    /** The states themselves, shared by all layers, and one number a token, layer and key/value head: a fraction of the bytes. */
    ABSORBED
}
