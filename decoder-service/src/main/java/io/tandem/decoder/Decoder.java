package io.tandem.decoder;

import io.micrometer.core.instrument.MeterRegistry;
import io.tandem.cache.StateStore;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.decoder.grpc.CallParts;
import io.tandem.decoder.grpc.RequestReader;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.metrics.ResidencyMetrics;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.decoder.residency.EncoderResidency;
import io.tandem.decoder.residency.MemoryChoice;
import io.tandem.decoder.residency.ResidencyUsage;
import io.tandem.decoder.residency.StateLoader;
import io.tandem.decoder.scheduling.SchedulerLimits;
import io.tandem.decoder.scheduling.SpeculationLimits;
import io.tandem.decoder.scheduling.StepThread;
import io.tandem.decoder.scheduling.WaitingRoom;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.runtime.calls.Calls;
import io.tandem.runtime.calls.ServiceState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * One decoder: its parts put together, from warm-up to drain.
 *
 * <p>Thread-safe; owned by the application, which closes it before model and store.
 */
public final class Decoder implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Decoder.class);

    /** Calls that are told to end do so within a step. */
    private static final Duration END_PATIENCE = Duration.ofSeconds(10);

    private final DecoderRunner runner;
    private final Duration drainTimeout;
    private final DecoderMetrics metrics;
    private final EncoderResidency residency;
    private final StepThread stepThread;
    private final WaitingRoom waitingRoom;
    private final ServiceState state;
    private final Calls calls;
    private final CallParts parts;
    /** Set before the thread begins that uses it. */
    private Consumer<Throwable> whenBroken;

    /**
     * @param state of the service, which this object leads from its warm-up to its drain
     * @throws IllegalArgumentException if a setting is out of range; the message names it
     */
    public Decoder(
            DecoderConfig config, DecoderModel model, StateStore store, ServiceState state, MeterRegistry registry) {
        requirePositive("tandem.decoder.max-queue", config.maxQueue());
        requirePositive("tandem.decoder.output-buffer", config.outputBuffer());
        requirePositive("tandem.decoder.loaders", config.loaders());
        this.state = state;
        calls = new Calls("decoder", state, registry);
        runner = model.runner();
        drainTimeout = config.drainTimeout();
        metrics = new DecoderMetrics(registry);
        ExecutorService loading = Executors.newFixedThreadPool(
                config.loaders(),
                Thread.ofPlatform().name("encoder-state-loader-", 0).factory());
        MemoryChoice choice = new MemoryChoice(runner, config.encoderMemory().bytes(), config.absorbFrom());
        residency =
                new EncoderResidency(choice, new StateLoader(store, choice), loading, new ResidencyMetrics(registry));
        SchedulerLimits limits =
                new SchedulerLimits(config.maxBatch(), config.stepTokens(), limits(config.speculation()));
        stepThread = new StepThread(runner, limits, config.outputBuffer(), metrics, this::warmed);
        waitingRoom = new WaitingRoom(config.maxQueue());
        RequestReader reader = new RequestReader(model, stepThread.capacityTokens());
        parts = new CallParts(
                reader, model.tokenizer(), residency, waitingRoom, stepThread, calls, metrics, config.memoryWait());
        registerGauges();
    }

    /**
     * Begins to warm up; calls are taken as soon as that is over.
     *
     * @param broken hears, on another thread, why it failed: then calls are never taken
     */
    public void start(Consumer<Throwable> broken) {
        whenBroken = broken;
        stepThread.start();
    }

    private void warmed(Optional<Throwable> broken) {
        broken.ifPresentOrElse(whenBroken, state::ready);
    }

    /** What calls use. */
    public CallParts parts() {
        return parts;
    }

    /**
     * What is held; empty, if all is as it should be, as soon as the last client has seen the end of its call.
     *
     * @return one sentence for each finding
     */
    public List<String> integrity() {
        List<String> findings = new ArrayList<>();
        ResidencyUsage usage = residency.usage();
        find(findings, "slots in use", metrics.slotsUsed());
        find(findings, "pages in use", metrics.pagesUsed());
        find(findings, "places in the queue taken", waitingRoom.occupied());
        find(findings, "leases on encoder memories", usage.leases());
        find(findings, "encoder memories in use", usage.used());
        try {
            runner.verifyPages();
        } catch (IllegalStateException broken) {
            findings.add(broken.getMessage());
        }
        return findings;
    }

    /** Takes no more calls, lets those in progress end, stops those that take too long, and frees what it holds. */
    @Override
    public void close() {
        int left = state.drain(drainTimeout);
        if (left > 0) {
            LOG.warnf(
                    "%d calls did not end within tandem.decoder.drain-timeout, %s; they are ended now",
                    left, drainTimeout);
            calls.endAll();
            state.drain(END_PATIENCE);
        }
        stepThread.close();
        residency.close();
    }

    private void registerGauges() {
        metrics.gauge("queue.depth", "Calls that wait for states or a place", waitingRoom, WaitingRoom::occupied);
        metrics.gauge(
                "integrity.findings",
                "What is held or does not add up; 0 when idle",
                this,
                decoder -> decoder.integrity().size());
        metrics.gauge("calls", "Calls in progress", state, ServiceState::active);
        metrics.gauge("encoder.memories", "Segments in memory", residency, r -> r.usage()
                .memories());
        metrics.gauge("encoder.memory.leases", "Calls that hold segments", residency, r -> r.usage()
                .leases());
        metrics.gauge("encoder.memory.bytes", "Bytes that segments take", residency, r -> r.usage()
                .bytes());
    }

    private static SpeculationLimits limits(DecoderConfig.Speculation speculation) {
        requirePositive("tandem.decoder.speculation.max-guess", speculation.maxGuess());
        return speculation.enabled()
                ? new SpeculationLimits(speculation.maxGuess(), speculation.maxRows(), speculation.rowPrice())
                : SpeculationLimits.OFF;
    }

    private static void find(List<String> findings, String what, int count) {
        if (count != 0) {
            findings.add(count + " " + what);
        }
    }

    private static void requirePositive(String setting, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " is " + value + "; it must be at least 1");
        }
    }
}
