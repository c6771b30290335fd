package io.tandem.engine.sampling;

/**
 * Chooses tokens from logits, in vLLM's order: temperature, min-p, top-k, top-p on what they leave, then one draw.
 *
 * <p>A draw depends on the logits, the parameters and the token's position only. Mutable scratch space, allocated once;
 * owned by the thread that runs the decoder's steps.
 */
public final class Sampler {

    /** Tokens less probable than e^-50 of the best one are below what a 53-bit draw can hit, however many there are. */
    private static final double NEGLIGIBLE = -50;

    private final int vocabularySize;

    /** The tokens that may be drawn, in order of their ids. */
    private final int[] ids; // [vocabulary]

    private final float[] values; // [vocabulary], logits of the candidates
    private final double[] weights; // [vocabulary], their probabilities as parts of the best one's
    private final RankSelect rankSelect = new RankSelect();
    private int candidates;

    /** @param vocabularySize logits a token has */
    public Sampler(int vocabularySize) {
        this.vocabularySize = vocabularySize;
        this.ids = new int[vocabularySize];
        this.values = new float[vocabularySize];
        this.weights = new double[vocabularySize];
    }

    /**
     * Chooses a token.
     *
     * @param logits [vocabulary], left as they are
     * @param position of the token in its output, with the start token and the prefix
     * @return its id
     * @throws IllegalStateException if a logit is NaN or positive infinity, or none is finite
     */
    public int sample(float[] logits, SamplingParameters parameters, long position) {
        int best = argmax(logits);
        if (parameters.greedy()) {
            return best;
        }
        gather(logits, logits[best], parameters);
        double mass = weigh(logits[best], parameters.temperature());
        if (parameters.topP() < 1) {
            mass = keepNucleus(parameters.topP() * mass);
        }
        return draw(mass * CounterRandom.uniform(parameters.seed(), position));
    }

    /** The lowest id among the greatest logits. */
    private int argmax(float[] logits) {
        int best = 0;
        boolean comparable = true;
        for (int id = 0; id < vocabularySize; id++) {
            comparable &= logits[id] < Float.POSITIVE_INFINITY;
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        if (!comparable || logits[best] == Float.NEGATIVE_INFINITY) {
            throw new IllegalStateException("the model's logits are not finite");
        }
        return best;
    }

    /** Keeps what min-p and top-k leave: both cut the ranking at a value, so their order makes no difference. */
    private void gather(float[] logits, float best, SamplingParameters parameters) {
        double lowest = Math.max(NEGLIGIBLE, Math.log(parameters.minP()));
        float leastKept = Float.NEGATIVE_INFINITY;
        if (parameters.topK() > 0 && parameters.topK() < vocabularySize) {
            leastKept = rankSelect.threshold(logits, null, vocabularySize, parameters.topK());
        }
        int count = 0;
        for (int id = 0; id < vocabularySize; id++) {
            if (logits[id] >= leastKept && scaled(logits[id], best, parameters.temperature()) >= lowest) {
                ids[count] = id;
                values[count++] = logits[id];
            }
        }
        candidates = count;
    }

    private double weigh(float best, float temperature) {
        double mass = 0;
        for (int i = 0; i < candidates; i++) {
            weights[i] = Math.exp(scaled(values[i], best, temperature));
            mass += weights[i];
        }
        return mass;
    }

    /** Keeps the fewest best candidates that have the mass; of equal ones at the border those with the lowest ids. */
    private double keepNucleus(double target) {
        float border = rankSelect.threshold(values, weights, candidates, target);
        double ranked = rankSelect.weightAbove();
        double mass = 0;
        int count = 0;
        for (int i = 0; i < candidates; i++) {
            boolean atBorder = values[i] == border && ranked < target;
            if (values[i] > border || atBorder) {
                ranked += atBorder ? weights[i] : 0;
                mass += weights[i];
                ids[count] = ids[i];
                weights[count++] = weights[i];
            }
        }
        candidates = count;
        return mass;
    }

    /** The candidate at this place when their masses are laid end to end in order of id. */
    private int draw(double place) {
        double passed = 0;
        for (int i = 0; i < candidates; i++) {
            passed += weights[i];
            if (place < passed) {
                return ids[i];
            }
        }
        // The product that gave the place was rounded up to the whole mass.
        return ids[candidates - 1];
    }

    /** Logarithm of a token's probability as a part of the best one's. */
    private static double scaled(float logit, float best, float temperature) {
        return ((double) logit - best) / temperature;
    }
}
