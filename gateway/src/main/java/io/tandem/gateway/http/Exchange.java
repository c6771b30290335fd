package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.openai.ErrorBody;
import io.tandem.gateway.pipeline.TokenCounts;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * One HTTP request and its response, usable from any thread: everything that touches the network is handed to the request's
 * event loop, in the order of the calls.
 */
final class Exchange {

    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    /** A refused body up to this size is read and thrown away, so that the connection can be used again. */
    private static final long DISCARDED_BYTES = 256 << 10;
    /** How long a client that still sends gets to read why it was refused. */
    private static final long LINGER_MILLIS = 2000;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Vertx vertx;
    private final Context loop;
    private final String requestId;
    private final String tenant;
    private final long arrived = System.nanoTime();
    private volatile boolean gone;
    private volatile TokenCounts tokens = TokenCounts.NONE;

    /** Made on the event loop; pauses the request until {@link #body}. */
    Exchange(RoutingContext routing) {
        this.request = routing.request();
        this.response = routing.response();
        this.vertx = routing.vertx();
        this.loop = vertx.getOrCreateContext();
        this.tenant = Authentication.tenant(routing);
        String given = request.getHeader("x-request-id");
        this.requestId = given != null && REQUEST_ID.matcher(given).matches()
                ? given
                : "req_" + UUID.randomUUID().toString().replace("-", "");
        response.putHeader("x-request-id", requestId);
        AccessLog.note(routing, this);
    }

    String requestId() {
        return requestId;
    }

    /** Whose request this is; empty when everybody may ask. */
    String tenant() {
        return tenant;
    }

    /** What the request has cost so far. */
    TokenCounts tokens() {
        return tokens;
    }

    /** Says what the request has cost, before its answer is complete. */
    void counted(TokenCounts cost) {
        tokens = cost;
    }

    /** Time since the request arrived. */
    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - arrived);
    }

    /** True when the connection is lost. */
    boolean isGone() {
        return gone;
    }

    /** Runs something at once when the client goes away before its answer is complete. On the event loop only. */
    void onDisconnect(Runnable reaction) {
        response.closeHandler(closed -> {
            gone = true;
            reaction.run();
        });
        response.exceptionHandler(failure -> {
            gone = true;
            reaction.run();
        });
    }

    /** Stops reading until {@link #body}. On the event loop only. */
    void pause() {
        request.pause();
    }

    /** Reads the body. */
    CompletableFuture<byte[]> body(BodyLimit limit) {
        CompletableFuture<byte[]> body = new CompletableFuture<>();
        onLoop(() -> new BodyReader(request, limit, body).read(vertx));
        return body;
    }

    /** Reads the body as a form with a file. */
    UploadBody upload() {
        UploadBody body = new UploadBody(request, loop);
        onLoop(body::start);
        return body;
    }

    /** Adds a header, unless the head is on its way already. */
    void header(String name, String value) {
        onLoop(() -> {
            if (!response.headWritten()) {
                response.putHeader(name, value);
            }
        });
    }

    /** Sends a whole answer. */
    void answer(String json) {
        end(200, json);
    }

    /** Sends a file, as bytes that no browser shows: whoever uploaded it might want it to run a script. */
    void answer(Path file) {
        onLoop(() -> {
            if (!response.ended() && !response.closed()) {
                response.putHeader("content-type", "application/octet-stream")
                        .putHeader("content-disposition", "attachment")
                        .putHeader("x-content-type-options", "nosniff")
                        .sendFile(file.toString())
                        .onFailure(failure -> abort());
            }
        });
    }

    /** Sends a failure: as a response of its own or, when an answer in pieces has begun, as its last piece. */
    void fail(TandemException failure, int retryAfterSeconds) {
        ErrorCode code = failure.code();
        if (code == ErrorCode.CANCELLED) {
            abort();
            return;
        }
        if (code.httpStatus() == 429 || code.httpStatus() == 503) {
            header("Retry-After", Integer.toString(retryAfterSeconds));
        }
        end(code.httpStatus(), ErrorBody.of(failure, requestId));
    }

    /** Begins an answer in pieces, unless it has begun. */
    void beginEvents() {
        onLoop(() -> {
            if (!response.headWritten() && !response.ended()) {
                response.setChunked(true)
                        .putHeader("content-type", "text/event-stream; charset=utf-8")
                        .putHeader("cache-control", "no-cache")
                        // Tells nginx not to collect the pieces.
                        .putHeader("x-accel-buffering", "no");
            }
        });
    }

    /**
     * Sends a piece.
     *
     * @return completes when the network has taken it
     */
    Future<Void> write(String piece) {
        Promise<Void> written = Promise.promise();
        onLoop(() -> {
            if (response.ended() || response.closed()) {
                written.fail("the response is over");
            } else {
                response.write(Buffer.buffer(piece)).onComplete(written);
            }
        });
        return written.future();
    }

    /** Ends an answer in pieces. */
    void end() {
        onLoop(() -> {
            if (!response.ended() && !response.closed()) {
                response.end();
            }
        });
    }

    /** Cuts the connection, so that nobody takes what was sent for a whole answer. */
    void abort() {
        onLoop(() -> {
            if (!response.ended() && !response.closed()) {
                cut();
            }
        });
    }

    /** Runs something on an event loop after some time, a millisecond at least; cancelled by the id that this returns. */
    long after(Duration time, Runnable action) {
        return vertx.setTimer(Math.max(1, time.plusNanos(999_999).toMillis()), id -> action.run());
    }

    /** Takes back what {@link #after} was told, if that has not run yet. */
    void cancelTimer(long id) {
        vertx.cancelTimer(id);
    }

    private void end(int status, String json) {
        onLoop(() -> {
            if (response.ended() || response.closed()) {
                return;
            }
            if (response.headWritten()) {
                response.end(EventStream.event(json));
                return;
            }
            boolean unread = !request.isEnded();
            boolean discardable = isDiscardable();
            if (unread && !discardable && request.version() == HttpVersion.HTTP_1_1) {
                response.putHeader("Connection", "close");
            }
            response.setStatusCode(status)
                    .putHeader("content-type", "application/json")
                    .end(json);
            if (unread) {
                request.handler(discarded -> {});
                request.resume();
                vertx.setTimer(LINGER_MILLIS, id -> {
                    if (!discardable || !request.isEnded()) {
                        cut();
                    }
                });
            }
        });
    }

    /** Whether what is left of the body is small enough to read it for nothing. */
    private boolean isDiscardable() {
        long announced = BodyReader.announcedBytes(request);
        boolean endless = announced < 0
                && (request.version() == HttpVersion.HTTP_2 || request.getHeader("Transfer-Encoding") != null);
        return !endless && announced <= DISCARDED_BYTES;
    }

    private void cut() {
        if (request.version() == HttpVersion.HTTP_2) {
            response.reset();
        } else {
            request.connection().close();
        }
    }

    private void onLoop(Runnable action) {
        loop.runOnContext(nothing -> action.run());
    }
}
