package io.tandem.gateway.extraction;

import io.tandem.gateway.config.FilesConfig;
import java.time.Duration;

/**
 * What reading one document may take.
 *
 * @param parallel documents that are read at the same time
 * @param timeout longest time
 * @param heapBytes of the process that reads it
 * @param maxPages of a PDF
 * @param maxCharacters of its text
 */
public record ExtractionLimits(int parallel, Duration timeout, long heapBytes, int maxPages, int maxCharacters) {

    private static final String SETTING = "tandem.gateway.files.extraction.";

    /** As configured. */
    public static ExtractionLimits of(FilesConfig.Extraction config) {
        return new ExtractionLimits(
                config.parallel(),
                config.timeout(),
                config.memory().asLongValue(),
                config.maxPages(),
                config.maxCharacters());
    }

    UnreadableException tooManyPages(int pages) {
        return new UnreadableException(
                "has %,d pages, limit %,d; raise %smax-pages".formatted(pages, maxPages, SETTING));
    }

    UnreadableException tooLong() {
        return new UnreadableException(
                "holds more than %,d characters of text; raise %smax-characters".formatted(maxCharacters, SETTING));
    }

    UnreadableException tooSlow() {
        return new UnreadableException(
                "could not be read within %,d ms; raise %stimeout".formatted(timeout.toMillis(), SETTING));
    }

    UnreadableException tooLarge() {
        return new UnreadableException(
                "takes more than %,d bytes of memory to read; raise %smemory".formatted(heapBytes, SETTING));
    }
}
