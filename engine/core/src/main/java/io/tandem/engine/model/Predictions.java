package io.tandem.engine.model;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import java.util.Arrays;

/**
 * Which rows of a step are asked for their next token, and what was found.
 *
 * <p>Mutable; owned by a step and used again by the thread that runs the steps.
 */
public final class Predictions implements AutoCloseable {

    private final Ops ops;
    private final Tensor logits; // [predictions, vocabulary]
    private int[] rows = new int[16];
    private boolean[] distributions = new boolean[16];
    private int[] best = new int[16];
    private int count;
    private boolean anyDistribution;

    /** Room for the predictions of a model with so many tokens. */
    public Predictions(Ops ops, int vocabularySize) {
        this.ops = ops;
        this.logits = ops.tensor(0, vocabularySize);
    }

    /** Forgets everything. */
    public void clear() {
        count = 0;
        anyDistribution = false;
    }

    /**
     * Asks for the token after a row.
     *
     * @param distribution whether all logits are wanted, not only the most probable token
     */
    public void add(int row, boolean distribution) {
        if (count == rows.length) {
            rows = Arrays.copyOf(rows, 2 * count);
            distributions = Arrays.copyOf(distributions, 2 * count);
            best = Arrays.copyOf(best, 2 * count);
        }
        rows[count] = row;
        distributions[count] = distribution;
        anyDistribution |= distribution;
        count++;
    }

    /** How many tokens are asked for. */
    public int count() {
        return count;
    }

    /** The most probable token, the lowest id among equals. */
    public int best(int prediction) {
        return best[prediction];
    }

    /**
     * Copies the logits of a prediction that asked for them.
     *
     * @param destination at least as long as the vocabulary
     */
    public void logits(int prediction, float[] destination) {
        if (!distributions[prediction]) {
            throw new IllegalStateException("prediction " + prediction + " asked for its best token only");
        }
        ops.read(logits, prediction, destination, 0, 1);
    }

    int row(int prediction) {
        return rows[prediction];
    }

    /** Whether somebody asked for a distribution; then the logits of all predictions are computed. */
    boolean distributions() {
        return anyDistribution;
    }

    Tensor logits() {
        return logits;
    }

    int[] best() {
        return best;
    }

    @Override
    public void close() {
        logits.close();
    }
}
