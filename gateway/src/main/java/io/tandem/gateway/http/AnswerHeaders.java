package io.tandem.gateway.http;

import io.tandem.gateway.pipeline.CacheUse;
import io.tandem.gateway.pipeline.Timings;
import java.util.Locale;

/** The headers that tell how an answer was made. */
final class AnswerHeaders {

    private AnswerHeaders() {}

    /**
     * Sets them.
     *
     * @param decoders that wrote, separated by commas
     * @param timings from the request's arrival on
     */
    static void set(Exchange exchange, String decoders, CacheUse cacheUse, Timings timings) {
        exchange.header("x-tandem-decoder", decoders);
        set(exchange, cacheUse, timings);
    }

    /** As {@link #set(Exchange, String, CacheUse, Timings)}, of an answer that no decoder wrote. */
    static void set(Exchange exchange, CacheUse cacheUse, Timings timings) {
        exchange.header("x-tandem-cache", cacheUse.name().toLowerCase(Locale.ROOT));
        exchange.header("server-timing", serverTiming(timings));
    }

    /** Fetching is left out where there was nothing to fetch, as nearly always. */
    static String serverTiming(Timings timings) {
        return entry("queue", timings.queue()) + ", "
                + (timings.fetch() == 0 ? "" : entry("fetch", timings.fetch()) + ", ")
                + entry("vision", timings.vision()) + ", "
                + entry("encode", timings.encode()) + ", "
                + entry("transfer", timings.transfer()) + ", "
                + entry("decode", timings.decode());
    }

    private static String entry(String hop, long micros) {
        return String.format(Locale.ROOT, "%s;dur=%.3f", hop, micros / 1e3);
    }
}
