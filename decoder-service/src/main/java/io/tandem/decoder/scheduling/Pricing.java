package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.speculation.PriceMeasure;
import io.tandem.engine.speculation.StepPrices;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Finds out what guesses cost while the decoder serves: after its first answers it measures when nobody waits for a step, and now
 * and then between steps. A start and the first answer don't wait for it, and it meets code that has run already.
 *
 * <p>Mutable; confined to the step thread.
 */
final class Pricing implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Pricing.class);

    /** Steps of answers before the first that measures: of some answers, on a fresh JVM the slowest. */
    private static final int FIRST_STEPS = 64;

    /** Steps of answers for one that measures, where answers leave no pause. */
    private static final int STEPS_BETWEEN = 32;

    private final Consumer<StepPrices> found;
    private long steps;

    /** Both null when there is nothing to measure, or nothing more. */
    private EncoderMemory memory;

    private PriceMeasure measure;

    /**
     * Hands prices over at once where nothing is to be measured: they are given, or nothing is guessed.
     *
     * @param step not in use between two steps of answers
     * @param found takes the prices, on the step thread
     * @param nanoTime a clock as {@link System#nanoTime} is
     */
    Pricing(
            DecoderRunner runner,
            SchedulerLimits limits,
            DecoderStep step,
            Consumer<StepPrices> found,
            LongSupplier nanoTime) {
        this.found = found;
        SpeculationLimits speculation = limits.speculation();
        int rows = Math.min(speculation.maxRows(), limits.stepTokens());
        if (speculation.maxGuess() > 0 && speculation.rowPrice().isEmpty()) {
            memory = WarmUp.memory(runner);
            measure = new PriceMeasure(runner, step, memory, rows, nanoTime);
        } else if (speculation.maxGuess() > 0) {
            found.accept(StepPrices.linear(speculation.rowPrice().getAsDouble(), rows));
        }
    }

    /** Measures one step if that is due; false if nothing was done. */
    boolean whileIdle() {
        return steps >= FIRST_STEPS && measure();
    }

    /** After a step of answers. */
    void afterStep() {
        steps++;
        if (steps >= FIRST_STEPS && steps % STEPS_BETWEEN == 0) {
            measure();
        }
    }

    private boolean measure() {
        if (measure == null) {
            return false;
        }
        try {
            boolean measured = measure.measure();
            if (measure.done()) {
                StepPrices prices = measure.prices();
                LOG.infof(
                        "A step of %d rows takes %.2f times as long as one of 1 row",
                        prices.mostRows(), prices.step(prices.mostRows()));
                close();
                found.accept(prices);
            }
            return measured;
        } catch (RuntimeException | Error failure) {
            LOG.error("Measuring what guesses cost failed; none are made", failure);
            close();
            return false;
        }
    }

    @Override
    public void close() {
        if (measure != null) {
            measure = null;
            memory.close();
            memory = null;
        }
    }
}
