package io.tandem.engine.sampling;

/**
 * Logarithms of probabilities: log softmax of logits, its sum in double precision.
 *
 * <p>Mutable scratch space; owned by the thread that runs the decoder's steps.
 */
public final class Logprobs {

    /** Less probable tokens than e^-50 of the best one change no float, even if there are a million of them. */
    private static final double NEGLIGIBLE = -50;

    private final TopTokens top = new TopTokens();

    /**
     * Those of one token and of the best ones.
     *
     * @param logits [vocabulary], left as they are
     * @param token whose logit is finite
     * @param count of best ones
     */
    public TokenLogprobs of(float[] logits, int token, int count) {
        double logSum = logSum(logits);
        top.find(logits, count);
        float[] topLogprobs = new float[top.size()];
        for (int i = 0; i < topLogprobs.length; i++) {
            topLogprobs[i] = (float) (top.value(i) - logSum);
        }
        return new TokenLogprobs((float) (logits[token] - logSum), top.ids(), topLogprobs);
    }

    /** Turns logits into log probabilities, in place. */
    public static void normalise(float[] logits) {
        double logSum = logSum(logits);
        for (int id = 0; id < logits.length; id++) {
            logits[id] = (float) (logits[id] - logSum);
        }
    }

    /** Logarithm of the sum of all exponentials. */
    static double logSum(float[] logits) {
        float best = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            best = Math.max(best, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            double scaled = (double) logit - best;
            sum += scaled > NEGLIGIBLE ? Math.exp(scaled) : 0;
        }
        return best + Math.log(sum);
    }
}
