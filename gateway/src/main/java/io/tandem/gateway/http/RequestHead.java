package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.vertx.core.http.HttpServerRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the head of a request says of its body and its time. */
final class RequestHead {

    /** Seconds that the client waits for its whole answer. */
    static final String TIMEOUT = "x-request-timeout";

    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    private RequestHead() {}

    /** @throws TandemException UNSUPPORTED_MEDIA_TYPE unless the body is JSON, as it is */
    static void requireJson(HttpServerRequest request) {
        requireUncompressed(request);
        String contentType = request.getHeader("Content-Type");
        // As OpenAI does, a request that names no type is taken for JSON.
        if (contentType == null) {
            return;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!type.equals("application/json") && !type.endsWith("+json")) {
            throw unsupported("The body must be application/json, not %s.", type);
        }
    }

    /** @throws TandemException UNSUPPORTED_MEDIA_TYPE unless the body is a form with parts, as it is */
    static void requireForm(HttpServerRequest request) {
        requireUncompressed(request);
        String contentType = request.getHeader("Content-Type");
        String type = contentType == null
                ? "nothing"
                : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!type.equals("multipart/form-data")) {
            throw unsupported("The body must be multipart/form-data, not %s.", type);
        }
    }

    private static void requireUncompressed(HttpServerRequest request) {
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw unsupported("The body must not be compressed (Content-Encoding: %s).", encoding);
        }
    }

    /**
     * The time in which the client wants its answer, if it says so.
     *
     * @throws TandemException INVALID_REQUEST if it asks for what is no time
     */
    static Optional<Duration> timeout(HttpServerRequest request) {
        String seconds = request.getHeader(TIMEOUT);
        if (seconds == null) {
            return Optional.empty();
        }
        if (!SECONDS.matcher(seconds).matches() || new BigDecimal(seconds).signum() == 0) {
            throw new TandemException(
                    ErrorCode.INVALID_REQUEST,
                    null,
                    "The header %s is %s, must be a number of seconds above 0, such as 2.5."
                            .formatted(TIMEOUT, shortened(seconds)));
        }
        return Optional.of(
                Duration.ofNanos(new BigDecimal(seconds).movePointRight(9).longValueExact()));
    }

    private static TandemException unsupported(String message, String value) {
        return new TandemException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, null, message.formatted(shortened(value)));
    }

    private static String shortened(String value) {
        return value.length() <= 64 ? value : value.substring(0, 64) + "...";
    }
}
