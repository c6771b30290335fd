package io.tandem.engine.runner;

/**
 * The work of one decoder step, and where its results are found: for each entry some tokens of one sequence, and predictions of
 * the tokens that follow the last ones of them.
 *
 * <p>Mutable and reused from step to step by the thread that runs them.
 */
public interface DecoderStep {

    /**
     * What an entry wants to know.
     *
     * @param predictions how many of its tokens, the last ones, are asked for what follows them; at most all
     * @param distribution whether their logits are read; if not, only the most probable tokens are found
     */
    record Asked(int predictions, boolean distribution) {

        /** Only that its keys and values are stored, as for a prefix that goes on in the next step. */
        public static final Asked NOTHING = new Asked(0, false);

        /** The most probable token after the entry's last one. */
        public static final Asked BEST = new Asked(1, false);

        /** The distribution of the token after the entry's last one. */
        public static final Asked DISTRIBUTION = new Asked(1, true);

        public Asked {
            if (predictions < 0) {
                throw new IllegalArgumentException("an entry can't ask for " + predictions + " predictions");
            }
        }
    }

    /** Forgets the entries of the last step. */
    void clear();

    /**
     * Adds the next tokens of a sequence: one while it generates, several where a prefix is forced or a guess is verified.
     *
     * @param sequence has room for them; at most once in a step
     * @param tokens read from {@code offset} on
     * @param count at least 1
     * @param asked what is wanted to know
     */
    void add(DecoderSequence sequence, int[] tokens, int offset, int count, Asked asked);

    /** Number of entries. */
    int entries();

    /** Rows of all entries: tokens the step reads. */
    int rows();

    /**
     * After the run: the most probable next token, the lowest id among equals.
     *
     * @param prediction from 0, in the order of the entry's tokens
     */
    int argmax(int entry, int prediction);

    /**
     * After the run: the logits of a next token, of an entry that asked for distributions.
     *
     * @param prediction from 0, in the order of the entry's tokens
     * @param destination at least {@link DecoderRunner#vocabularySize()} long
     */
    void logits(int entry, int prediction, float[] destination);
}
