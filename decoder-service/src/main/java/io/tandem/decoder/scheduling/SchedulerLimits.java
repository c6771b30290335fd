package io.tandem.decoder.scheduling;

/**
 * Bounds of a decoder's steps. Immutable.
 *
 * @param maxBatch sequences a step, setting {@code tandem.decoder.max-batch}
 * @param stepTokens tokens a step reads, setting {@code tandem.decoder.step-tokens}
 * @param speculation bounds of the guesses among them
 */
public record SchedulerLimits(int maxBatch, int stepTokens, SpeculationLimits speculation) {

    /** Refuses bounds under which a step could not give every sequence a token. */
    public SchedulerLimits {
        if (maxBatch < 1) {
            throw new IllegalArgumentException("tandem.decoder.max-batch is " + maxBatch + "; it must be at least 1");
        }
        if (stepTokens < maxBatch) {
            throw new IllegalArgumentException(
                    "tandem.decoder.step-tokens is " + stepTokens + ", less than tandem.decoder.max-batch, which is "
                            + maxBatch + "; raise the one or lower the other");
        }
    }
}
