package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.CompletableFuture;

/** Reads one body under a cap on its bytes and its time. Used on the request's event loop. */
final class BodyReader {

    private final HttpServerRequest request;
    private final BodyLimit limit;
    private final Buffer received = Buffer.buffer();
    private final CompletableFuture<byte[]> body;
    private Runnable cancelTimer;

    /**
     * @param request paused until {@link #read}
     * @param body completes with the body; fails with PAYLOAD_TOO_LARGE as soon as that is known
     */
    BodyReader(HttpServerRequest request, BodyLimit limit, CompletableFuture<byte[]> body) {
        this.request = request;
        this.limit = limit;
        this.body = body;
    }

    /** Begins to read. */
    void read(Vertx vertx) {
        if (request.isEnded()) {
            // Paused until now, so nobody has read it: the connection is lost.
            body.completeExceptionally(gone(null));
            return;
        }
        long announced = announcedBytes(request);
        if (announced > limit.bytes()) {
            body.completeExceptionally(tooLarge("%,d bytes".formatted(announced)));
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        long timer = vertx.setTimer(limit.timeout().toMillis(), id -> fail(late()));
        cancelTimer = () -> vertx.cancelTimer(timer);
        request.exceptionHandler(failure -> fail(gone(failure)));
        request.handler(this::take);
        request.endHandler(end -> {
            cancelTimer.run();
            if (!body.isDone()) {
                body.complete(received.getBytes());
            }
        });
        request.resume();
    }

    /** Bytes that the head announces, -1 when it does not. */
    static long announcedBytes(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        if (length == null) {
            return -1;
        }
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException beyondLong) {
            return Long.MAX_VALUE;
        }
    }

    private void take(Buffer chunk) {
        if (body.isDone()) {
            return;
        }
        if (received.length() + (long) chunk.length() > limit.bytes()) {
            fail(tooLarge("more than %,d bytes".formatted(received.length() + chunk.length() - 1)));
        } else {
            received.appendBuffer(chunk);
        }
    }

    private void fail(TandemException failure) {
        cancelTimer.run();
        if (body.completeExceptionally(failure)) {
            request.pause();
        }
    }

    private static TandemException gone(Throwable failure) {
        return new TandemException(ErrorCode.CANCELLED, null, "The client went away in its body.", failure);
    }

    private TandemException tooLarge(String size) {
        return new TandemException(
                ErrorCode.PAYLOAD_TOO_LARGE,
                null,
                "The body has %s, limit %,d%s.".formatted(size, limit.bytes(), limit.advice()));
    }

    private TandemException late() {
        return new TandemException(
                ErrorCode.INVALID_REQUEST,
                null,
                "Only %,d bytes of the body came within %d ms; raise tandem.gateway.body.timeout."
                        .formatted(received.length(), limit.timeout().toMillis()));
    }
}
