package io.tandem.engine.runner;

/**
 * The work of one decoder step, and where its results are found: for each entry some tokens of one sequence, and the
 * distribution of the token after the last of them.
 *
 * <p>Mutable and reused from step to step by the thread that runs them.
 */
public interface DecoderStep {

    /** Forgets the entries of the last step. */
    void clear();

    /**
     * Adds the next tokens of a sequence: one while it generates, several where a prefix is forced.
     *
     * @param sequence has room for them; at most once in a step
     * @param tokens read from {@code offset} on
     * @param count at least 1
     */
    void add(DecoderSequence sequence, int[] tokens, int offset, int count);

    /** Number of entries. */
    int entries();

    /** Rows of all entries: tokens the step reads. */
    int rows();

    /** After the run: the most probable next token of an entry, the lowest id among equals. */
    int argmax(int entry);

    /**
     * After the run: the logits of an entry's next token.
     *
     * @param destination at least {@link DecoderRunner#vocabularySize()} long
     */
    void logits(int entry, float[] destination);
}
