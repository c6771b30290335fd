package io.tandem.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Brings files of one commit into the cache: resumed where an attempt broke off, checked, then moved to their place.
 * Any thread.
 */
final class BlobDownload {

    private static final int OK = 200;
    private static final int PARTIAL = 206;

    /** New bytes that an attempt has to bring for failures to count anew. */
    private static final long PROGRESS = 1 << 20;

    private final HubApi api;
    private final HubCache cache;
    private final DownloadListener listener;
    private final Waits waits;
    private final String commit;

    BlobDownload(HubApi api, HubCache cache, DownloadListener listener, Waits waits, String commit) {
        this.api = api;
        this.cache = cache;
        this.listener = listener;
        this.waits = waits;
        this.commit = commit;
    }

    /**
     * Returns when the file's blob is in the cache, whoever downloaded it.
     *
     * @throws UnreachableException after {@link Attempts#LIMIT} failures in a row; what has come is kept
     * @throws HubException if the hub refuses, or what came is not what it announced; that is deleted
     * @throws IOException if the cache can't be written
     */
    void run(RemoteFile file) throws IOException, UnreachableException, InterruptedException {
        Path partial = cache.incomplete(file.id());
        Files.createDirectories(partial.getParent());
        Runnable waiting = () -> listener.note("Waiting for another process that downloads " + file.name());
        try (BlobLock _ = BlobLock.acquire(cache.lock(file.id()), waits, waiting)) {
            if (!cache.hasBlob(file)) {
                collect(partial, file);
                Files.move(partial, cache.blob(file.id()), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        listener.finished(file);
    }

    private void collect(Path path, RemoteFile file) throws IOException, UnreachableException, InterruptedException {
        try (PartialFile partial = PartialFile.open(path, file)) {
            listener.started(file, partial.size());
            Attempts attempts = new Attempts(waits, Attempts.LIMIT, line -> listener.note(file.name() + ": " + line));
            long furthest = partial.size();
            while (partial.size() < file.size()) {
                try {
                    receive(file, partial);
                } catch (UnreachableException e) {
                    // Bytes that come once more are no progress: a server may start over each time and never reach the
                    // end.
                    if (partial.size() - furthest >= PROGRESS) {
                        attempts.progressed();
                    }
                    furthest = Math.max(furthest, partial.size());
                    attempts.failed(e);
                }
            }
            if (partial.size() > file.size()) {
                refuse(path, file, "more than the " + file.size() + " bytes that the hub announces");
            }
            BlobId came = partial.seal();
            if (!came.equals(file.id())) {
                refuse(
                        path,
                        file,
                        "with %s %s, the hub announces %s"
                                .formatted(
                                        came.algorithm(), came.hex(), file.id().hex()));
            }
        }
    }

    private static void refuse(Path path, RemoteFile file, String how) throws IOException {
        Files.delete(path);
        throw new HubException(file.name() + " came " + how + "; it is deleted, so try again."
                + " If that doesn't help, something between here and the hub changes it: a proxy, or the mirror that"
                + " HF_ENDPOINT names");
    }

    /** One request: takes what comes, up to the first byte too many. */
    private void receive(RemoteFile file, PartialFile partial)
            throws IOException, UnreachableException, InterruptedException {
        HttpResponse<TimedBody> response = api.open(commit, file.name(), partial.size());
        try (TimedBody body = response.body()) {
            boolean fromTheStart = response.statusCode() == OK;
            if (!fromTheStart && partial.size() == 0) {
                throw new HubException(
                        "the hub answered " + response.statusCode() + " to the request for " + file.name());
            }
            if (fromTheStart || !continues(response, partial.size())) {
                listener.received(-partial.size());
                partial.restart();
            }
            if (!fromTheStart && partial.size() == 0) {
                // Neither the whole file nor the rest that was asked for: the next request asks for all of it.
                return;
            }
            Optional<List<ByteBuffer>> next = body.next();
            while (next.isPresent() && partial.size() <= file.size()) {
                listener.received(partial.append(next.get()));
                next = body.next();
            }
        }
        if (partial.size() < file.size()) {
            throw new UnreachableException(
                    "the connection ended after %d of %d bytes".formatted(partial.size(), file.size()),
                    (Throwable) null);
        }
    }

    private static boolean continues(HttpResponse<?> response, long from) {
        return response.statusCode() == PARTIAL
                && response.headers()
                        .firstValue("Content-Range")
                        .filter(range -> range.startsWith("bytes " + from + "-"))
                        .isPresent();
    }
}
