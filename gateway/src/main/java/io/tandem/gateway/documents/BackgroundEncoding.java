package io.tandem.gateway.documents;

import com.google.protobuf.ByteString;
import io.tandem.contract.TandemException;
import io.tandem.contract.vision.v1.Image;
import io.tandem.gateway.extraction.UnreadableException;
import io.tandem.gateway.files.FileStatus;
import io.tandem.gateway.files.FileStatus.Progress;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.StoredFile;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.RequestScopes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Encodes uploaded documents before anybody asks about them, window by window, a few at a time. What a file still needs stands on
 * disk with it, so the work goes on after a crash, here or in another process; encoding something twice changes nothing. One for the
 * process; thread-safe.
 */
public final class BackgroundEncoding implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(BackgroundEncoding.class);

    /** Failures of the server that are met again before the file is given up; those of its load don't count. */
    private static final int MAX_FAILURES = 3;

    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final int LONGEST_PAUSE_DOUBLINGS = 6;

    private final FileStore store;
    private final Preparation preparation;
    private final DocumentStates states;
    private final RequestScopes scopes;
    private final EncodingQueue queue;
    private final Supplier<Reading> reading;
    private final ScheduledExecutorService workers;

    /**
     * How the served model reads.
     *
     * @param documentCut names how documents are cut
     * @param tokensPerImage of one view of a picture
     */
    public record Reading(String documentCut, int tokensPerImage) {}

    /**
     * What works on files.
     *
     * @param preparation makes of files what the encoder takes
     * @param states has them encoded
     * @param scopes bound each call
     * @param queue hands files to whoever has room for them
     */
    public record Tools(Preparation preparation, DocumentStates states, RequestScopes scopes, EncodingQueue queue) {}

    /**
     * @param reading fails as long as no model is known
     * @param workers files that are worked on at the same time
     */
    public BackgroundEncoding(FileStore store, Tools tools, Supplier<Reading> reading, int workers) {
        this.store = store;
        this.preparation = tools.preparation();
        this.states = tools.states();
        this.scopes = tools.scopes();
        this.queue = tools.queue();
        this.reading = reading;
        this.workers = Executors.newScheduledThreadPool(
                workers, Thread.ofVirtual().name("tandem-documents-", 0).factory());
    }

    /** Takes up what was left undone, and does so and removes what has expired again and again from now on. */
    public void start(Duration sweep) {
        workers.execute(() -> {
            store.recover();
            takeUp();
        });
        workers.scheduleWithFixedDelay(this::sweep, sweep.toMillis(), sweep.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Sees to it that a file gets encoded; returns at once. */
    public void submit(StoredFile file) {
        receive();
        queue.submit(file);
    }

    /** Begins to take files, also those of other processes; otherwise that begins when this one has some itself. */
    public void receive() {
        queue.receive((file, ended) -> workers.execute(() -> attempt(new Task(file, 0, 0, ended))), this::takeUp);
    }

    private void takeUp() {
        store.all().stream()
                .filter(file -> store.status(file).state() == FileStatus.State.UPLOADED)
                .forEach(this::submit);
    }

    /**
     * Removes a file and its states.
     *
     * @return false if it was not there
     */
    public boolean delete(StoredFile file) {
        List<ByteString> keys = states.keys(file);
        if (!store.delete(file)) {
            return false;
        }
        forget(file, keys);
        return true;
    }

    /** A file that is worked on, and how often it was tried. */
    private record Task(StoredFile file, int attempts, int failures, EncodingQueue.Ended ended) {

        private void done() {
            ended.with(Optional.empty());
        }
    }

    private void attempt(Task task) {
        StoredFile file = task.file();
        try {
            encode(file);
            task.done();
        } catch (UnreadableException reason) {
            store.setStatus(file, FileStatus.error("The file " + reason.getMessage() + "."));
            task.done();
        } catch (TandemException failure) {
            retry(task, failure);
        } catch (RuntimeException | Error bug) {
            if (workers.isShutdown()) {
                // Cut off in the middle; the file is taken up again after the next start.
                return;
            }
            LOG.errorf(bug, "%s can't be read", file.id());
            giveUp(task, "The server failed to read the file; its log tells why.");
        }
    }

    private void giveUp(Task task, String reason) {
        store.setStatus(task.file(), FileStatus.error(reason));
        task.ended().with(Optional.of(reason));
    }

    private void retry(Task task, TandemException failure) {
        StoredFile file = task.file();
        int counted = task.failures();
        switch (failure.code()) {
            case UNAVAILABLE, MODEL_MISMATCH, OVERLOADED, RATE_LIMIT_EXCEEDED, DRAINING, CANCELLED -> {
                // Passes, however long it takes.
            }
            case INTERNAL, STATE_LOST, DEADLINE_EXCEEDED -> counted++;
            case NOT_FOUND -> {
                LOG.debugf("%s was deleted before it was encoded", file.id());
                task.done();
                return;
            }
            case INVALID_REQUEST, UNSUPPORTED_PARAMETER, CONTEXT_LENGTH_EXCEEDED, INVALID_IMAGE ->
                counted = MAX_FAILURES;
            case INVALID_IMAGE_URL, INVALID_API_KEY, MODEL_NOT_FOUND, METHOD_NOT_ALLOWED -> counted = MAX_FAILURES;
            case PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE -> counted = MAX_FAILURES;
        }
        if (counted >= MAX_FAILURES) {
            LOG.infof("%s is given up: %s", file.id(), failure.getMessage());
            giveUp(task, failure.getMessage());
            return;
        }
        long pause = FIRST_PAUSE_MILLIS << Math.min(task.attempts(), LONGEST_PAUSE_DOUBLINGS);
        Task again = new Task(file, task.attempts() + 1, counted, task.ended());
        if (!workers.isShutdown()) {
            workers.schedule(() -> attempt(again), pause, TimeUnit.MILLISECONDS);
        }
    }

    private void encode(StoredFile file) throws UnreadableException {
        if (!file.purpose().isDocument()) {
            store.setStatus(file, FileStatus.processed(Progress.NONE));
            return;
        }
        Reading model = reading.get();
        Prepared prepared;
        try (RequestScope scope = scopes.open()) {
            prepared = preparation.prepare(file, model.documentCut(), scope);
        }
        switch (prepared) {
            case Prepared.Text document -> encode(file, document);
            case Prepared.Image picture -> encode(file, picture, model);
        }
    }

    private void encode(StoredFile file, Prepared.Text document) {
        List<ByteString> keys = new ArrayList<>();
        int windows = document.windows().size();
        boolean there = store.setStatus(file, FileStatus.encoding(new Progress(document.tokens(), windows, 0)));
        for (int i = 0; i < windows && there; i++) {
            try (RequestScope scope = scopes.open()) {
                keys.add(states.encode(file, document.windows().get(i), scope));
            }
            Progress progress = new Progress(document.tokens(), windows, i + 1);
            there = states.keep(file, keys)
                    && store.setStatus(
                            file, i + 1 < windows ? FileStatus.encoding(progress) : FileStatus.processed(progress));
        }
        if (!there) {
            forget(file, keys);
        }
    }

    private void encode(StoredFile file, Prepared.Image picture, Reading model) {
        Image image;
        try (RequestScope scope = scopes.open()) {
            image = states.encode(file, picture.bytes(), scope);
        }
        List<ByteString> keys = List.of(image.getSoftTokenKey());
        Progress progress = new Progress(image.getViews() * model.tokensPerImage(), 1, 1);
        if (!states.keep(file, keys) || !store.setStatus(file, FileStatus.processed(progress))) {
            forget(file, keys);
        }
    }

    /** States that stay after all are no harm: nobody can name them any more, and they leave the cache like all others. */
    private void forget(StoredFile file, List<ByteString> keys) {
        try (RequestScope scope = scopes.open()) {
            states.forget(keys, scope);
        } catch (TandemException failure) {
            LOG.warnf("states of %s stay in the cache until they are evicted: %s", file.id(), failure.getMessage());
        }
    }

    private void sweep() {
        try {
            store.all().stream().filter(store::isExpired).forEach(this::delete);
            takeUp();
        } catch (RuntimeException failure) {
            // The next look may go better; a failure that left here would be the last one.
            LOG.errorf(failure, "files can't be looked through");
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
