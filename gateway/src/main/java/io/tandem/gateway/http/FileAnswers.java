package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.documents.BackgroundEncoding;
import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.Incoming;
import io.tandem.gateway.files.StoredFile;
import io.tandem.gateway.keys.Quota;
import io.tandem.gateway.openai.FileFormat;
import io.tandem.gateway.openai.FileReader;
import io.tandem.telemetry.RequestContext;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;

/** Answers requests to /v1/files, each on a thread of its own, as all of them wait for the disk. Thread-safe. */
@Singleton
final class FileAnswers {

    /** Value of the label {@code route} in the metrics. */
    static final String LABEL = "files";

    /** Of an upload's body, beside the file itself. */
    private static final long FORM_BYTES = 64 << 10;

    private final FileStore store;
    private final BackgroundEncoding background;
    private final Entrance entrance;
    private final Answers answers;
    private final Duration idle;
    private final int maxUploads;
    private final Semaphore uploads;

    FileAnswers(
            FilesConfig config, FileStore store, BackgroundEncoding background, Entrance entrance, Answers answers) {
        this.store = store;
        this.background = background;
        this.entrance = entrance;
        this.answers = answers;
        this.idle = config.idleTimeout();
        this.maxUploads = config.maxUploads();
        this.uploads = new Semaphore(maxUploads);
    }

    /** Work that may block. */
    private interface Work {
        /** @throws TandemException the failure, for the client */
        void run();
    }

    /** Takes a file in; refuses what is known to be too large before its body is read. */
    void upload(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        exchange.pause();
        serve(exchange, () -> {
            RequestHead.requireForm(routing.request());
            if (entrance.admission().isDraining()) {
                throw new TandemException(ErrorCode.DRAINING, null, "The server is shutting down; send it to another.");
            }
            long announced = BodyReader.announcedBytes(routing.request());
            if (announced - FORM_BYTES > store.limits().maxFileBytes()) {
                throw store.limits().tooLarge("at least %,d bytes".formatted(announced - FORM_BYTES));
            }
            if (!uploads.tryAcquire()) {
                throw new TandemException(
                        ErrorCode.OVERLOADED,
                        null,
                        "%d files are being uploaded, which is the limit; retry later or raise tandem.gateway.files.max-uploads."
                                .formatted(maxUploads));
            }
            try {
                StoredFile file = receive(exchange.upload(), exchange.tenant());
                background.submit(file);
                exchange.answer(FileFormat.one(shown(file)));
            } finally {
                uploads.release();
            }
        });
    }

    /** Lists the owner's files. */
    void list(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        // Here, where Vert.x answers for a query that is malformed.
        Map<String, String> query = new TreeMap<>();
        routing.queryParams().forEach(parameter -> query.put(parameter.getKey(), parameter.getValue()));
        serve(exchange, () -> {
            FileReader.Page page = FileReader.page(query);
            List<StoredFile> files = store.files(exchange.tenant(), page.after(), page.newestFirst())
                    .filter(file -> page.purpose().isEmpty() || page.purpose().get() == file.purpose())
                    .limit(page.limit() + 1L)
                    .toList();
            boolean more = files.size() > page.limit();
            exchange.answer(FileFormat.list(
                    files.stream().limit(page.limit()).map(this::shown).toList(), more));
        });
    }

    /** Shows one file. */
    void one(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        serve(exchange, () -> exchange.answer(FileFormat.one(shown(find(routing, exchange)))));
    }

    /** Sends a file's bytes. */
    void content(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        serve(exchange, () -> exchange.answer(store.content(find(routing, exchange))));
    }

    /** Removes a file, its bytes and its states. */
    void delete(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        serve(exchange, () -> {
            StoredFile file = find(routing, exchange);
            if (!background.delete(file)) {
                throw unknown();
            }
            exchange.answer(FileFormat.deleted(file.id()));
        });
    }

    private StoredFile receive(UploadBody body, String owner) {
        String filename = null;
        try (Incoming incoming = store.begin()) {
            while (true) {
                switch (body.next(idle)) {
                    case UploadBody.Begin begin -> {
                        if (!begin.field().equals("file") || filename != null) {
                            throw invalid(
                                    begin.field().equals("file") ? "file" : null,
                                    "The form must hold one file, named file.");
                        }
                        filename = begin.filename();
                    }
                    case UploadBody.Bytes bytes ->
                        incoming.append(bytes.bytes().getByteBuf().nioBuffer());
                    case UploadBody.End end -> {
                        if (filename == null) {
                            throw invalid("file", "file is required, as a part of the form with a filename.");
                        }
                        return incoming.commit(FileReader.upload(end.fields(), owner, filename));
                    }
                }
            }
        } finally {
            body.stop();
        }
    }

    private FileFormat.Shown shown(StoredFile file) {
        return new FileFormat.Shown(file, store.status(file));
    }

    private StoredFile find(RoutingContext routing, Exchange exchange) {
        return FileId.parse(routing.pathParam("file_id"))
                .flatMap(id -> store.find(exchange.tenant(), id))
                .orElseThrow(FileAnswers::unknown);
    }

    private static TandemException unknown() {
        return new TandemException(ErrorCode.NOT_FOUND, "file_id", "There is no such file here.");
    }

    private static TandemException invalid(String param, String message) {
        return new TandemException(ErrorCode.INVALID_REQUEST, param, message);
    }

    private void serve(Exchange exchange, Work work) {
        Runnable serving = () -> {
            Quota quota = entrance.quotas().of(exchange.tenant());
            TandemException failure;
            try (Quota.Lease lease = quota.enter()) {
                quota.state().ifPresent(state -> RateLimitHeaders.set(exchange, state));
                work.run();
                answers.answered(exchange, LABEL);
                return;
            } catch (TandemException known) {
                failure = known;
            } catch (RuntimeException | Error bug) {
                failure = new TandemException(ErrorCode.INTERNAL, null, "An unexpected failure.", bug);
            }
            answers.fail(
                    exchange,
                    LABEL,
                    failure,
                    failure.code() == ErrorCode.RATE_LIMIT_EXCEEDED
                            ? quota.retryAfterSeconds()
                            : Refusal.RETRY_AFTER_SECONDS);
        };
        answers.onOwnThread(RequestContext.carry(RequestContext.with(exchange.requestId()), serving));
    }
}
