package io.tandem.engine.runner;

import java.util.List;

/** Turns token sequences into encoder states. */
public interface EncoderRunner extends AutoCloseable {

    /** Values of a state. */
    int hiddenSize();

    /** Longest sequence, config key {@code max_position_embeddings}. */
    int maxTokens();

    /**
     * Refuses what {@link #begin} would refuse.
     *
     * @throws io.tandem.engine.InvalidInputException if a token id is outside the vocabulary, the input is empty or too long, or
     *     the number of soft tokens isn't the number of image tokens
     */
    void check(EncoderInput input);

    /**
     * Begins to encode a ragged batch without padding; nothing is computed yet. Any number of passes may be open, but each holds
     * memory for all its tokens.
     *
     * @return to be closed before the runner
     * @throws io.tandem.engine.InvalidInputException as {@link #check} says
     */
    EncoderPass begin(List<EncoderInput> inputs);

    /**
     * Encodes a ragged batch without padding; the states of one input do not depend on the others.
     *
     * @return for each input its states [tokens, hiddenSize], row-major
     * @throws io.tandem.engine.InvalidInputException as {@link #check} says; nothing was computed then
     */
    default List<float[]> encode(List<EncoderInput> inputs) {
        try (EncoderPass pass = begin(inputs)) {
            boolean done = false;
            while (!done) {
                done = pass.advance();
            }
            return pass.states();
        }
    }

    @Override
    void close();
}
