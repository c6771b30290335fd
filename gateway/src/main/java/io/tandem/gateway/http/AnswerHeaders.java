package io.tandem.gateway.http;

import io.tandem.gateway.pipeline.CacheUse;
import io.tandem.gateway.pipeline.Timings;
import java.time.Duration;
import java.util.Locale;

/** The headers that tell how an answer was made. */
final class AnswerHeaders {

    private AnswerHeaders() {}

    /**
     * Sets them.
     *
     * @param decoders that wrote, separated by commas
     * @param admission time spent waiting in the gateway
     */
    static void set(Exchange exchange, String decoders, CacheUse cacheUse, Duration admission, Timings timings) {
        exchange.header("x-tandem-decoder", decoders);
        setCacheUse(exchange, cacheUse);
        exchange.header(
                "server-timing",
                String.format(
                        Locale.ROOT,
                        "queue;dur=%.3f, vision;dur=%.3f, encode;dur=%.3f, transfer;dur=%.3f, decode;dur=%.3f",
                        admission.toNanos() / 1e6 + millis(timings.queue()),
                        millis(timings.vision()),
                        millis(timings.encode()),
                        millis(timings.transfer()),
                        millis(timings.decode())));
    }

    /** Sets the one that tells how much was read before. */
    static void setCacheUse(Exchange exchange, CacheUse cacheUse) {
        exchange.header("x-tandem-cache", cacheUse.name().toLowerCase(Locale.ROOT));
    }

    private static double millis(long micros) {
        return micros / 1e3;
    }
}
