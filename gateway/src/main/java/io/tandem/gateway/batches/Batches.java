package io.tandem.gateway.batches;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.ProcessLock;
import io.tandem.gateway.files.StoredFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Makes, shows and ends batches, and takes up those that nobody works on: new ones, and what a process left that is no more. One for
 * the process; thread-safe.
 */
public final class Batches implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Batches.class);

    /** Before a batch that can't be worked on, say for the disk, is tried again. */
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final FileStore files;
    private final BatchStore store;
    private final LineWorker worker;
    private final BatchRun.Tools tools;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tandem-batches").daemon().factory());
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tandem-batch-", 0).factory());
    private final Set<Path> taken = ConcurrentHashMap.newKeySet();
    private final Set<Path> ended = ConcurrentHashMap.newKeySet();
    private final Map<Path, Instant> notBefore = new ConcurrentHashMap<>();

    /**
     * Where batches are and how they are worked on.
     *
     * @param store where they are
     * @param files where their lines come from and their answers go
     * @param worker answers lines in this process
     * @param answers understands lines
     * @param queue has lines answered
     */
    public record Parts(BatchStore store, FileStore files, LineWorker worker, LineAnswers answers, LineQueue queue) {}

    /** @param limits of one batch and of one owner */
    public Batches(Parts parts, BatchLimits limits) {
        this.files = parts.files();
        this.store = parts.store();
        this.worker = parts.worker();
        this.tools = new BatchRun.Tools(
                store, parts.answers(), parts.queue(), new OutputFiles(store, files, parts.answers()), limits);
    }

    /** Looks from now on for batches that nobody works on. */
    public void start(Duration interval) {
        timer.scheduleWithFixedDelay(this::look, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Makes a batch.
     *
     * @throws TandemException OVERLOADED when its owner has too many
     */
    public Batch create(Batch.Order order, StoredFile input) {
        long open = store.batches(order.owner(), Optional.empty())
                .filter(batch -> !store.state(batch).status().isEnded())
                .limit(tools.limits().maxOpen())
                .count();
        if (open >= tools.limits().maxOpen()) {
            throw new TandemException(
                    ErrorCode.OVERLOADED,
                    null,
                    "%d batches have not ended, which is the limit; retry later or raise tandem.gateway.batches.max-open."
                            .formatted(open));
        }
        Batch batch = store.create(order, files.content(input));
        timer.execute(this::look);
        return batch;
    }

    /**
     * Asks for a batch's end.
     *
     * @throws TandemException INVALID_REQUEST if it has ended or ends already
     */
    public void cancel(Batch batch) {
        BatchStatus status = store.state(batch).status();
        switch (status) {
            case VALIDATING, IN_PROGRESS, CANCELLING -> {
                store.askToCancel(batch);
                timer.execute(worker::endUnwanted);
            }
            case FAILED, FINALIZING, COMPLETED, EXPIRED, CANCELLED ->
                throw new TandemException(
                        ErrorCode.INVALID_REQUEST,
                        null,
                        "Cannot cancel a batch with status '%s'.".formatted(status.label()));
        }
    }

    /** One owner's batch. */
    public Optional<Batch> find(String owner, BatchId id) {
        return store.find(owner, id);
    }

    /** One owner's batches, the newest first. */
    public Stream<Batch> list(String owner, Optional<BatchId> after) {
        return store.batches(owner, after);
    }

    /** How far a batch is, a wish for its end included. */
    public BatchState state(Batch batch) {
        BatchState state = store.state(batch);
        return switch (state.status()) {
            case VALIDATING, IN_PROGRESS ->
                store.cancelAsked(batch)
                        .map(when -> state.entered(BatchStatus.CANCELLING, when))
                        .orElse(state);
            case FAILED, FINALIZING, COMPLETED, EXPIRED, CANCELLING, CANCELLED -> state;
        };
    }

    /** Batches that this process works on. */
    public int underway() {
        return taken.size();
    }

    private void look() {
        try {
            worker.endUnwanted();
            List<Path> folders = store.folders();
            folders.stream()
                    .filter(folder -> !ended.contains(folder))
                    .filter(folder -> !store.now().isBefore(notBefore.getOrDefault(folder, Instant.MIN)))
                    .filter(taken::add)
                    .forEach(folder -> threads.execute(() -> take(folder)));
        } catch (RuntimeException failure) {
            // The next look may go better; a failure that left here would be the last one.
            LOG.error("batches can't be looked for", failure);
        }
    }

    private void take(Path folder) {
        try {
            Optional<Batch> batch = store.read(folder);
            if (batch.isEmpty() || store.state(batch.get()).status().isEnded()) {
                ended.add(folder);
                return;
            }
            Optional<ProcessLock> lock = store.lock(batch.get());
            if (lock.isPresent()) {
                try (ProcessLock held = lock.get()) {
                    new BatchRun(tools, batch.get()).run();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (Exception | Error failure) {
            if (threads.isShutdown()) {
                // Cut off in the middle; the batch is taken up again after the next start.
                return;
            }
            notBefore.put(folder, store.now().plus(PAUSE));
            LOG.errorf(failure, "%s can't be worked on", folder.getFileName());
        } finally {
            taken.remove(folder);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        worker.stop();
        threads.shutdownNow();
    }
}
