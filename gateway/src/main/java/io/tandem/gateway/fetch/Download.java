package io.tandem.gateway.fetch;

import io.tandem.contract.TandemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One request to one checked address and what comes back, cut off as soon as it can't be a picture any more. Used on its
 * connection's event loop; whoever started it may end it by completing its {@link #reply} from any thread.
 */
final class Download {

    private static final int MULTIPLE_CHOICES = 300;
    private static final int BAD_REQUEST = 400;

    private final CompletableFuture<Reply> reply = new CompletableFuture<>();
    private final RemoteUrl url;
    private final FetchedField field;
    private final long maxBytes;
    private final ByteBudget budget;
    private final Buffer received = Buffer.buffer();
    private boolean known;

    /** What came back: one of the two. */
    record Reply(Optional<byte[]> picture, Optional<String> location) {}

    Download(RemoteUrl url, FetchedField field, long maxBytes, ByteBudget budget) {
        this.url = url;
        this.field = field;
        this.maxBytes = maxBytes;
        this.budget = budget;
    }

    CompletableFuture<Reply> reply() {
        return reply;
    }

    /** Connects to this very address, whatever the name means by now, and asks it as the host that the name says. */
    void start(HttpClient client, InetAddress address, Duration connectTimeout) {
        RequestOptions options = new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, url.port())))
                .setHost(url.host())
                .setPort(url.port())
                .setSsl(url.tls())
                .setURI(url.target())
                .setFollowRedirects(false)
                // Until the connection is one that can be used: the handshake of TLS is part of it.
                .setConnectTimeout(connectTimeout.toMillis())
                .putHeader("Accept", "image/png, image/jpeg, image/webp, image/gif")
                // What is small on the wire could be anything when it is unpacked.
                .putHeader("Accept-Encoding", "identity")
                .putHeader("User-Agent", "Tandem");
        client.request(options).onSuccess(this::send).onFailure(this::broken);
    }

    private void send(HttpClientRequest request) {
        request.exceptionHandler(this::broken);
        request.response().onSuccess(this::receive).onFailure(this::broken);
        if (!reply.isDone()) {
            request.end();
        }
        // Not only when something fails here: the client may have gone away, or the time be over.
        reply.whenComplete((result, failure) -> {
            if (failure != null) {
                request.reset();
            }
        });
    }

    private void receive(HttpClientResponse response) {
        response.exceptionHandler(this::broken);
        try {
            int status = response.statusCode();
            Optional<String> location = Optional.ofNullable(response.getHeader("Location"));
            if (status >= MULTIPLE_CHOICES && status < BAD_REQUEST && location.isPresent()) {
                // Whatever comes with it is not read.
                reply.complete(new Reply(Optional.empty(), location));
                response.request().reset();
                return;
            }
            requirePicture(response);
            response.handler(this::take);
            response.endHandler(end -> complete());
        } catch (TandemException refused) {
            reply.completeExceptionally(refused);
        } catch (NumberFormatException noLength) {
            broken(noLength);
        }
    }

    private void requirePicture(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            throw field.failed("its host answered " + response.statusCode());
        }
        String encoding = response.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw field.failed("its host sent it compressed, which was not asked for");
        }
        String length = response.getHeader("Content-Length");
        if (length != null) {
            long announced = Long.parseLong(length);
            requireFits("%,d".formatted(announced), announced);
        }
    }

    private void take(Buffer piece) {
        if (reply.isDone()) {
            return;
        }
        try {
            long length = (long) received.length() + piece.length();
            requireFits("at least %,d".formatted(length), length);
            budget.take(piece.length(), field);
            received.appendBuffer(piece);
            if (!known && received.length() >= PictureFormats.HEAD_BYTES) {
                requirePictureFormat();
            }
        } catch (TandemException refused) {
            reply.completeExceptionally(refused);
        }
    }

    private void complete() {
        try {
            if (!known && !reply.isDone()) {
                requirePictureFormat();
            }
            reply.complete(new Reply(Optional.of(received.getBytes()), Optional.empty()));
        } catch (TandemException refused) {
            reply.completeExceptionally(refused);
        }
    }

    private void requireFits(String size, long bytes) {
        if (bytes > maxBytes) {
            throw field.invalid("is a picture of %s bytes, limit %,d; raise tandem.gateway.images.max-size"
                    .formatted(size, maxBytes));
        }
    }

    private void requirePictureFormat() {
        known = true;
        byte[] head = received.getBytes(0, Math.min(received.length(), PictureFormats.HEAD_BYTES));
        if (!PictureFormats.match(head)) {
            throw field.failed("what its host sent is no PNG, JPEG, WebP or GIF");
        }
    }

    private void broken(Throwable cause) {
        reply.completeExceptionally(field.failed("its host did not answer, or broke off", cause));
    }
}
