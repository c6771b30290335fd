package io.tandem.engine.runner;

import java.util.List;

/**
 * A ragged batch on its way through the encoder, slice by slice.
 *
 * <p>Mutable; used by the thread of the runner that began it. Other passes may be advanced between its slices.
 */
public interface EncoderPass extends AutoCloseable {

    /**
     * Computes the next slice, some tens of milliseconds; nothing once the pass is done.
     *
     * @return true when the pass is done
     */
    boolean advance();

    /** Share of the work that is left, 1 to 0. */
    double remaining();

    /**
     * What the pass came to.
     *
     * @return for each input its states [tokens, hiddenSize], row-major
     * @throws IllegalStateException before it is done
     */
    List<float[]> states();

    /** Gives back its memory, done or not. */
    @Override
    void close();
}
