package io.tandem.runtime.batching;

/**
 * How much a {@link BatchWorker} takes.
 *
 * @param maxWaiting items that may wait; more are refused
 * @param waitingSetting the configuration property behind {@code maxWaiting}, named in refusals
 * @param maxWeight sum of weights in a batch; an item that is heavier runs alone
 * @param weightSetting the configuration property behind {@code maxWeight}
 */
public record BatchLimits(int maxWaiting, String waitingSetting, int maxWeight, String weightSetting) {

    public BatchLimits {
        requirePositive(waitingSetting, maxWaiting);
        requirePositive(weightSetting, maxWeight);
    }

    private static void requirePositive(String setting, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " is " + value + "; it must be at least 1");
        }
    }
}
