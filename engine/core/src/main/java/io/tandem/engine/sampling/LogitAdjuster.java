package io.tandem.engine.sampling;

/**
 * Changes logits by {@link LogitRules}, in vLLM's order: bias, repetition, then frequency and presence.
 *
 * <p>What it does depends on the tokens that it is given and on nothing before, so that guesses are verified, and answers that lost
 * their pages go on, with the logits that they would have had anyway. It takes time in proportion to those tokens, little beside
 * the step that made the logits. Mutable scratch space; owned by the thread that runs the decoder's steps.
 */
public final class LogitAdjuster {

    private final int[] counts; // [vocabulary], zero between calls

    /** @param vocabularySize logits a token has */
    public LogitAdjuster(int vocabularySize) {
        counts = new int[vocabularySize];
    }

    /**
     * Changes the logits of a next token.
     *
     * @param logits [vocabulary]
     * @param tokens start token, prefix, then what was generated
     * @param firstGenerated index of the first token that was generated
     * @param length tokens that count
     */
    public void apply(LogitRules rules, float[] logits, int[] tokens, int firstGenerated, int length) {
        LogitBias bias = rules.bias();
        for (int i = 0; i < bias.tokens().length; i++) {
            logits[bias.tokens()[i]] += bias.values()[i];
        }
        if (rules.repetitionPenalty() != 1) {
            count(tokens, 0, length);
            for (int i = 0; i < length; i++) {
                if (taken(tokens[i]) > 0) {
                    float logit = logits[tokens[i]];
                    logits[tokens[i]] =
                            logit < 0 ? logit * rules.repetitionPenalty() : logit / rules.repetitionPenalty();
                }
            }
        }
        if (rules.penalisesGenerated()) {
            count(tokens, firstGenerated, length);
            for (int i = firstGenerated; i < length; i++) {
                int count = taken(tokens[i]);
                if (count > 0) {
                    logits[tokens[i]] -= rules.frequencyPenalty() * count;
                    logits[tokens[i]] -= rules.presencePenalty();
                }
            }
        }
    }

    /** Makes it impossible that one of these tokens is chosen. */
    public static void forbid(float[] logits, int... tokens) {
        for (int token : tokens) {
            logits[token] = Float.NEGATIVE_INFINITY;
        }
    }

    private void count(int[] tokens, int from, int to) {
        for (int i = from; i < to; i++) {
            counts[tokens[i]]++;
        }
    }

    /** How often a token was counted; from then on, never. */
    private int taken(int token) {
        int count = counts[token];
        counts[token] = 0;
        return count;
    }
}
