package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A multipart body as it comes, in pieces of which only a few wait: the network is not read while the disk is behind. Filled on the
 * request's event loop, emptied by the request's thread.
 */
final class UploadBody {

    private static final long MOST_WAITING_BYTES = 512 << 10;
    private static final long FEW_WAITING_BYTES = 128 << 10;

    private final HttpServerRequest request;
    private final Context loop;
    private final BlockingQueue<Event> arrived = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean stopped;

    private sealed interface Event permits Piece, Failure {}

    /** What comes next of the body. */
    sealed interface Piece extends Event permits Begin, Bytes, End {}

    /** A file's beginning. */
    record Begin(String field, String filename) implements Piece {}

    /** Some of the file's bytes. */
    record Bytes(Buffer bytes) implements Piece {}

    /** The end of the body, with all of its fields that are no files. */
    record End(Map<String, String> fields) implements Piece {}

    private record Failure(TandemException failure) implements Event {}

    /**
     * @param request paused until {@link #start}
     * @param loop of the request
     */
    UploadBody(HttpServerRequest request, Context loop) {
        this.request = request;
        this.loop = loop;
    }

    /** Begins to read. On the event loop only. */
    void start() {
        if (request.isEnded()) {
            arrived.add(new Failure(gone(null)));
            return;
        }
        try {
            request.setExpectMultipart(true);
        } catch (IllegalStateException | IllegalArgumentException malformed) {
            arrived.add(new Failure(malformed(malformed)));
            return;
        }
        request.exceptionHandler(this::fail);
        request.uploadHandler(this::take);
        request.endHandler(end -> {
            Map<String, String> fields = new TreeMap<>();
            request.formAttributes().forEach(field -> fields.put(field.getKey(), field.getValue()));
            arrived.add(new End(fields));
        });
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        request.resume();
    }

    /**
     * Waits for the next piece.
     *
     * @param idle longest time
     * @throws TandemException why there is none
     */
    Piece next(Duration idle) {
        Event event;
        try {
            event = arrived.poll(idle.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new TandemException(ErrorCode.CANCELLED, null, "The upload was given up.", stop);
        }
        return switch (event) {
            case null ->
                throw new TandemException(
                        ErrorCode.INVALID_REQUEST,
                        null,
                        "Nothing more of the body came within %d ms; raise tandem.gateway.files.idle-timeout."
                                .formatted(idle.toMillis()));
            case Failure(TandemException failure) -> throw failure;
            case Bytes piece -> {
                long before = waitingBytes.getAndAdd(-piece.bytes().length());
                if (before > FEW_WAITING_BYTES && before - piece.bytes().length() <= FEW_WAITING_BYTES) {
                    loop.runOnContext(nothing -> request.resume());
                }
                yield piece;
            }
            case Begin begin -> begin;
            case End end -> end;
        };
    }

    /** Throws away whatever still comes. */
    void stop() {
        stopped = true;
        arrived.clear();
    }

    private void take(HttpServerFileUpload upload) {
        add(new Begin(upload.name(), upload.filename()));
        upload.exceptionHandler(this::fail);
        upload.handler(piece -> {
            if (stopped) {
                return;
            }
            add(new Bytes(piece));
            if (waitingBytes.addAndGet(piece.length()) > MOST_WAITING_BYTES) {
                request.pause();
            }
        });
    }

    private void add(Event event) {
        if (!stopped) {
            arrived.add(event);
        }
    }

    private void fail(Throwable failure) {
        add(new Failure(failure instanceof HttpClosedException ? gone(failure) : malformed(failure)));
    }

    private static TandemException gone(Throwable failure) {
        return new TandemException(ErrorCode.CANCELLED, null, "The client went away in its body.", failure);
    }

    private static TandemException malformed(Throwable failure) {
        return new TandemException(
                ErrorCode.INVALID_REQUEST, null, "The body is no well-formed multipart/form-data.", failure);
    }
}
