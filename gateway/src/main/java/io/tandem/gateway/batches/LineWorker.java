package io.tandem.gateway.batches;

import io.tandem.contract.TandemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers lines, each once: what has been answered is not answered again, and an answer counts when it is durable. One for the
 * process; thread-safe.
 */
public final class LineWorker {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final int LONGEST_PAUSE_DOUBLINGS = 6;

    private final BatchStore store;
    private final LineAnswers answers;
    private final Map<Batch, Set<CompletableFuture<Void>>> running = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    /** @param answers understands lines */
    public LineWorker(BatchStore store, LineAnswers answers) {
        this.store = store;
        this.answers = answers;
    }

    /**
     * Answers a line; blocks its thread, a virtual one, for as long as the services behind are down or busy.
     *
     * @throws TandemException what went wrong with this line here; another attempt may go better
     */
    public LineOutcome work(LineTask task) {
        Optional<Batch> found = store.find(task.owner(), task.batch());
        if (found.isEmpty() || stopping || store.state(found.get()).status().isEnded()) {
            return LineOutcome.ABANDONED;
        }
        Batch batch = found.get();
        LineResults results = store.results(batch);
        Optional<LineResult> before = results.find(task.number());
        if (before.isPresent()) {
            return LineOutcome.of(before.get());
        }
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        running.compute(batch, (same, lines) -> {
            Set<CompletableFuture<Void>> all = lines == null ? ConcurrentHashMap.newKeySet() : lines;
            all.add(cancelled);
            return all;
        });
        try {
            if (stopping || isUnwanted(batch)) {
                return LineOutcome.ABANDONED;
            }
            return keep(results, task, answer(batch, task, cancelled));
        } catch (TandemException failure) {
            if (cancelled.isDone()) {
                return LineOutcome.ABANDONED;
            }
            throw failure;
        } finally {
            running.computeIfPresent(batch, (same, lines) -> {
                lines.remove(cancelled);
                return lines.isEmpty() ? null : lines;
            });
        }
    }

    /** Gives a line up, which is an answer too. */
    public LineOutcome giveUp(LineTask task, String code, String reason) {
        Optional<Batch> batch = store.find(task.owner(), task.batch());
        if (batch.isEmpty() || store.state(batch.get()).status().isEnded()) {
            return LineOutcome.ABANDONED;
        }
        LineResults results = store.results(batch.get());
        Optional<LineResult> before = results.find(task.number());
        return before.isPresent()
                ? LineOutcome.of(before.get())
                : keep(results, task, answers.givenUp(line(batch.get(), task), code, reason));
    }

    /**
     * What became of a line, as far as that is on disk.
     *
     * @return empty as long as it is wanted and has no answer
     */
    public Optional<LineOutcome> outcome(LineTask task) {
        Optional<Batch> batch = store.find(task.owner(), task.batch());
        if (batch.isEmpty() || store.state(batch.get()).status().isEnded()) {
            return Optional.of(LineOutcome.ABANDONED);
        }
        return store.results(batch.get())
                .find(task.number())
                .map(LineOutcome::of)
                .or(() -> isUnwanted(batch.get()) ? Optional.of(LineOutcome.ABANDONED) : Optional.empty());
    }

    /** Whether this process comes to its end. */
    boolean isStopping() {
        return stopping;
    }

    /** Lines that are being answered. */
    public int inFlight() {
        return running.values().stream().mapToInt(Set::size).sum();
    }

    /** Ends what runs for batches that somebody cancelled, through whichever process, or that have expired. */
    void endUnwanted() {
        running.forEach((batch, lines) -> {
            if (isUnwanted(batch)) {
                lines.forEach(line -> line.complete(null));
            }
        });
    }

    /** Ends all that runs; what has no answer yet gets it after the next start. */
    void stop() {
        stopping = true;
        running.values().forEach(lines -> lines.forEach(line -> line.complete(null)));
    }

    private boolean isUnwanted(Batch batch) {
        return store.cancelAsked(batch).isPresent() || !store.now().isBefore(batch.expiresAt());
    }

    private LineResult answer(Batch batch, LineTask task, CompletableFuture<Void> cancelled) {
        byte[] line = line(batch, task);
        for (int attempt = 0; ; attempt++) {
            try {
                return answers.answer(line, batch, cancelled);
            } catch (TandemException failure) {
                if (cancelled.isDone() || !passes(failure)) {
                    throw failure;
                }
                await(cancelled, FIRST_PAUSE.multipliedBy(1L << Math.min(attempt, LONGEST_PAUSE_DOUBLINGS)), failure);
            }
        }
    }

    /** Whether a failure says nothing of the line: it is met again, however long it takes. */
    private static boolean passes(TandemException failure) {
        return switch (failure.code()) {
            case UNAVAILABLE, MODEL_MISMATCH, OVERLOADED, RATE_LIMIT_EXCEEDED, DRAINING, CANCELLED -> true;
            case INTERNAL, STATE_LOST, DEADLINE_EXCEEDED, INVALID_REQUEST, UNSUPPORTED_PARAMETER -> false;
            case CONTEXT_LENGTH_EXCEEDED, INVALID_IMAGE, INVALID_IMAGE_URL, INVALID_API_KEY, MODEL_NOT_FOUND -> false;
            case NOT_FOUND, METHOD_NOT_ALLOWED, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE -> false;
        };
    }

    private static void await(CompletableFuture<Void> cancelled, Duration pause, TandemException failure) {
        try {
            cancelled.get(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException over) {
            return;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("cancelling never fails", impossible);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        throw failure;
    }

    private byte[] line(Batch batch, LineTask task) {
        try {
            return InputLines.read(store.input(batch), task);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static LineOutcome keep(LineResults results, LineTask task, LineResult result) {
        results.keep(task.number(), result);
        return LineOutcome.of(result);
    }
}
