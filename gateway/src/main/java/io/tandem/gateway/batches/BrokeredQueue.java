package io.tandem.gateway.batches;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.tandem.contract.TandemException;
import io.tandem.messaging.Courier;
import io.tandem.messaging.Letter;
import io.tandem.telemetry.Tracing;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Has lines worked on by whichever process has a free slot: {@value #LINES} carries where they are, a queue of each process what
 * became of those that it asked for, {@value #LINES}{@value Courier#DEAD} what was given up and why. Messages may be lost or come
 * twice; what counts is on disk, so it is looked at too, and what has no answer for long is sent again. One for the process;
 * thread-safe.
 */
public final class BrokeredQueue implements LineQueue, AutoCloseable {

    /** The queue of lines that wait. */
    public static final String LINES = "batch-line";

    private static final Logger LOG = Logger.getLogger(BrokeredQueue.class);

    /** Deliveries of a line before it is given up. */
    private static final int MAX_DELIVERIES = 3;

    private static final long LOOK_SECONDS = 5;
    private static final long RESEND_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** Whoever asked has looked at the disk long before, or has ended. */
    private static final Duration REPLY_USE = Duration.ofMinutes(1);

    private static final String REPLY_TO = "reply-to";
    private static final String REASON = "reason";

    private final Courier courier;
    private final LineWorker worker;
    private final int slots;
    private final String results = LINES + "-results." + UUID.randomUUID();
    private final Map<Key, Pending> pending = new ConcurrentHashMap<>();
    private final Set<Key> working = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean receiving = new AtomicBoolean();
    private final AtomicBoolean connectedBefore = new AtomicBoolean();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tandem-batch-line-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tandem-batch-lines").daemon().factory());

    private record Key(BatchId batch, int line) {

        static Key of(LineTask task) {
            return new Key(task.batch(), task.number());
        }
    }

    private record Pending(LineTask task, Consumer<LineOutcome> done, long sentAt) {}

    /** @param slots lines that this process answers, or waits to answer, at the same time */
    public BrokeredQueue(Courier courier, LineWorker worker, int slots) {
        this.courier = courier;
        this.worker = worker;
        this.slots = slots;
    }

    /** Begins to take lines; otherwise that begins when this process has some itself. */
    public void receive() {
        if (receiving.compareAndSet(false, true)) {
            courier.onConnect(() -> threads.execute(this::connected));
            courier.receive(results, slots, this::answered);
            courier.receive(LINES, slots, letter -> threads.execute(() -> work(letter)));
            timer.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Lines that this process has asked for and that have no answer yet. */
    public int waiting() {
        return pending.size();
    }

    @Override
    public void submit(LineTask task, Consumer<LineOutcome> done) {
        receive();
        pending.put(Key.of(task), new Pending(task, done, System.nanoTime()));
        Tracing.inSpan("gateway.batch.line", () -> send(task));
    }

    private void send(LineTask task) {
        Map<String, String> properties = LineMessage.of(task);
        properties.put(REPLY_TO, results);
        W3CTraceContextPropagator.getInstance().inject(Context.current(), properties, Map::put);
        courier.send(LINES, "", properties);
    }

    private void work(Letter letter) {
        LineTask task;
        try {
            task = LineMessage.task(letter.properties());
        } catch (IllegalArgumentException unreadable) {
            bury(letter, unreadable.getMessage());
            letter.accept();
            return;
        }
        if (!working.add(Key.of(task))) {
            // It came again while it is worked on, as after a lost connection.
            letter.accept();
            return;
        }
        Context trace = W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), letter.properties(), PropertyGetter.INSTANCE);
        try (Scope current = trace.makeCurrent()) {
            attempt(task, letter).ifPresent(outcome -> tell(letter, task, outcome));
        } finally {
            working.remove(Key.of(task));
        }
    }

    /** @return empty when it is to be delivered again */
    private Optional<LineOutcome> attempt(LineTask task, Letter letter) {
        try {
            if (letter.failures() >= MAX_DELIVERIES) {
                return Optional.of(giveUp(task, letter, "undeliverable", "Nobody lived to answer this line."));
            }
            return Optional.of(worker.work(task));
        } catch (TandemException failure) {
            LOG.warnf("line %d of %s failed: %s", task.number() + 1, task.batch(), failure.getMessage());
            if (letter.failures() + 1 >= MAX_DELIVERIES) {
                return Optional.of(giveUp(task, letter, failure.code().code(), failure.getMessage()));
            }
        } catch (RuntimeException | Error bug) {
            if (worker.isStopping()) {
                return Optional.of(LineOutcome.ABANDONED);
            }
            LOG.errorf(bug, "line %d of %s can't be worked on", task.number() + 1, task.batch());
        }
        letter.fail();
        return Optional.empty();
    }

    private LineOutcome giveUp(LineTask task, Letter letter, String code, String reason) {
        LineOutcome outcome = worker.giveUp(task, code, reason);
        bury(letter, reason);
        return outcome;
    }

    private void bury(Letter letter, String reason) {
        Map<String, String> properties = letter.properties();
        properties.put(REASON, reason);
        courier.send(LINES + Courier.DEAD, letter.text(), properties);
    }

    private void tell(Letter letter, LineTask task, LineOutcome outcome) {
        if (outcome == LineOutcome.ABANDONED && worker.isStopping()) {
            letter.release();
            return;
        }
        String replyTo = letter.properties().get(REPLY_TO);
        if (replyTo != null) {
            courier.send(replyTo, "", LineMessage.of(task, outcome), REPLY_USE);
        }
        letter.accept();
    }

    private void answered(Letter letter) {
        try {
            done(LineMessage.task(letter.properties()), LineMessage.outcome(letter.properties()));
        } catch (IllegalArgumentException unreadable) {
            LOG.warnf("a message about a line can't be read: %s", unreadable.getMessage());
        }
        letter.accept();
    }

    private void done(LineTask task, LineOutcome outcome) {
        Pending asked = pending.remove(Key.of(task));
        if (asked != null) {
            asked.done().accept(outcome);
        }
    }

    /** Messages may have gone with the last connection, and with an embedded broker all of them. */
    private void connected() {
        if (!connectedBefore.compareAndSet(false, true)) {
            pending.values().forEach(asked -> send(asked.task()));
        }
    }

    private void look() {
        try {
            for (Pending asked : pending.values()) {
                Optional<LineOutcome> outcome = worker.outcome(asked.task());
                if (outcome.isPresent()) {
                    done(asked.task(), outcome.get());
                } else if (System.nanoTime() - asked.sentAt() > RESEND_NANOS) {
                    pending.replace(
                            Key.of(asked.task()), asked, new Pending(asked.task(), asked.done(), System.nanoTime()));
                    send(asked.task());
                }
            }
        } catch (RuntimeException failure) {
            // The next look may go better; a failure that left here would be the last one.
            LOG.error("lines can't be looked at", failure);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        threads.shutdownNow();
    }

    private enum PropertyGetter implements TextMapGetter<Map<String, String>> {
        INSTANCE;

        @Override
        public Iterable<String> keys(Map<String, String> properties) {
            return properties.keySet();
        }

        @Override
        public String get(Map<String, String> properties, String name) {
            return properties == null ? null : properties.get(name);
        }
    }
}
