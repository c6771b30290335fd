package io.tandem.engine.model;

/** Hears how far loading has got. */
@FunctionalInterface
public interface LoadProgress {

    /** Listens to nothing. */
    LoadProgress SILENT = (part, done, total) -> {};

    /**
     * Called after each tensor.
     *
     * @param part what is being loaded: embedding, encoder, decoder or vision
     * @param done weights prepared so far
     * @param total weights to prepare
     */
    void loaded(String part, long done, long total);
}
