package io.tandem.decoder.scheduling;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.scheduling.Outcome.Failed;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.PageUsage;
import io.tandem.engine.sampling.Sampler;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/**
 * The thread that writes: takes a batch from the scheduler, runs it, hands the tokens on, ends what has finished.
 *
 * <p>It owns runner, scheduler, sequences and steps; other threads submit requests and take tokens.
 */
public final class StepThread implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(StepThread.class);

    /** How far it has got. */
    public enum State {
        WARMING_UP,
        READY,
        /** The warm-up failed: the model can't be run. */
        BROKEN,
        STOPPED
    }

    /** Hears once how the warm-up ended. */
    @FunctionalInterface
    public interface WhenWarmed {

        /** @param broken why the model can't be run here, and won't be; empty if answers can be written */
        void ended(Optional<Throwable> broken);
    }

    private final DecoderRunner runner;
    private final SchedulerLimits limits;
    private final DecoderMetrics metrics;
    private final int bufferTokens;
    private final int pageTokens;
    private final long capacityTokens;

    private final Scheduler scheduler;
    private final Batch batch;
    private final DecoderStep step;
    private final Sampler sampler;
    private final TokenChooser chooser;

    private final Queue<Generation> arrivals = new ConcurrentLinkedQueue<>();
    private final Signal signal = new Signal();
    private final WhenWarmed whenWarmed;
    private final Thread thread;
    private volatile State state = State.WARMING_UP;
    private volatile boolean stopping;

    /**
     * @param bufferTokens tokens that an output may be ahead of its client, setting {@code tandem.decoder.output-buffer}
     * @param whenWarmed hears on the new thread how the warm-up ended
     */
    public StepThread(
            DecoderRunner runner,
            SchedulerLimits limits,
            int bufferTokens,
            DecoderMetrics metrics,
            WhenWarmed whenWarmed) {
        this.runner = runner;
        this.limits = limits;
        this.metrics = metrics;
        this.bufferTokens = bufferTokens;
        PageUsage pages = runner.pages();
        this.pageTokens = pages.pageTokens();
        this.capacityTokens = (long) pages.total() * pages.pageTokens();
        this.scheduler = new Scheduler(runner, limits, metrics);
        this.batch = new Batch(limits);
        this.step = runner.newStep();
        this.sampler = new Sampler(runner.vocabularySize());
        this.chooser = new TokenChooser(scheduler, metrics, step, sampler, runner.vocabularySize());
        this.whenWarmed = whenWarmed;
        this.thread = Thread.ofPlatform().name("decoder-step").unstarted(this::run);
    }

    /** Begins with a warm-up; requests may be submitted at once. */
    public void start() {
        thread.start();
    }

    /** How far it has got. */
    public State state() {
        return state;
    }

    /** Tokens for whose keys and values there are pages, all outputs together. */
    public long capacityTokens() {
        return capacityTokens;
    }

    /**
     * Queues an output.
     *
     * @param memories complete, to attend to in this order; they stay open until the generation has ended
     * @param toRequest raised whenever there is something new to see in the generation
     * @throws TandemException if it could not even be written alone
     */
    public Generation submit(List<EncoderMemory> memories, GenerationRequest request, Signal toRequest) {
        requireFitting(request);
        Generation generation = new Generation(memories, request, new TokenBuffer(bufferTokens), toRequest, signal);
        arrivals.add(generation);
        signal.raise();
        if (state == State.STOPPED || state == State.BROKEN) {
            refuseArrivals();
        }
        return generation;
    }

    /** Whether it could be written alone: every beam may have pages of its own. */
    private void requireFitting(GenerationRequest request) {
        if (request.width() > limits.maxBatch()) {
            throw new TandemException(
                    ErrorCode.INVALID_REQUEST,
                    "best_of",
                    "the search is " + request.width() + " beams wide, the decoder writes " + limits.maxBatch()
                            + " sequences at a time; search with fewer or raise tandem.decoder.max-batch");
        }
        long pages = request.width() * Math.ceilDiv(request.storedTokens(), (long) pageTokens);
        if (pages * pageTokens > capacityTokens) {
            String beams = request.width() == 1 ? "" : request.width() + " times ";
            throw new TandemException(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    "max_tokens",
                    "prefix and output may have " + beams + request.storedTokens()
                            + " tokens, the decoder has pages for " + capacityTokens
                            + "; ask for fewer or raise tandem.decoder.page-memory");
        }
    }

    /** Ends all outputs, then the thread. */
    @Override
    public void close() {
        stopping = true;
        signal.raise();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        signal.own();
        try {
            new WarmUp(runner, limits, step, sampler, System::nanoTime).run();
        } catch (RuntimeException | Error failure) {
            state = State.BROKEN;
            refuseArrivals();
            whenWarmed.ended(Optional.of(failure));
            return;
        }
        state = State.READY;
        whenWarmed.ended(Optional.empty());
        try (Pricing pricing = new Pricing(runner, limits, step, scheduler::use, System::nanoTime)) {
            while (!stopping) {
                try {
                    step(pricing);
                } catch (RuntimeException | Error failure) {
                    LOG.error("Planning a decoder step failed", failure);
                    scheduler.endAll(failed("the decoder failed", failure));
                }
            }
        }
        scheduler.endAll(new Failed(new TandemException(ErrorCode.DRAINING, null, "the decoder is shutting down")));
        state = State.STOPPED;
        refuseArrivals();
    }

    private void step(Pricing pricing) {
        for (Generation arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
            scheduler.enqueue(arrival);
        }
        long start = System.nanoTime();
        scheduler.plan(batch);
        if (batch.size() == 0) {
            if (!pricing.whileIdle()) {
                signal.await();
            }
        } else if (runBatch()) {
            int sequences = batch.size();
            metrics.stepped(sequences);
            chooser.advance(batch);
            metrics.stepTook(sequences, System.nanoTime() - start);
            pricing.afterStep();
        }
    }

    /** False if the runner failed: the sequences of this step are then ended. */
    private boolean runBatch() {
        try {
            batch.describe(step);
            runner.run(step);
            return true;
        } catch (RuntimeException | Error failure) {
            for (int entry = 0; entry < batch.size(); entry++) {
                if (batch.beginsGroup(entry)) {
                    scheduler.end(batch.group(entry), failed("the decoder failed on this request's step", failure));
                }
            }
            return false;
        }
    }

    private void refuseArrivals() {
        ErrorCode code = state == State.BROKEN ? ErrorCode.UNAVAILABLE : ErrorCode.DRAINING;
        for (Generation arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
            arrival.end(new Failed(new TandemException(code, null, "the decoder does not take requests")));
        }
    }

    private static Failed failed(String message, Throwable cause) {
        return new Failed(new TandemException(ErrorCode.INTERNAL, null, message, cause));
    }
}
