package io.tandem.encoder.prompt;

import java.util.Locale;

/**
 * How long the windows of documents are. Immutable.
 *
 * @param tokens {@code tandem.encoder.documents.window-tokens}
 * @param overlap {@code tandem.encoder.documents.overlap-tokens}
 */
public record WindowLimits(int tokens, int overlap) {

    private static final int MIN_TOKENS = 16;
    /** Most of a window is new: otherwise a document is read many times over. */
    private static final int MIN_WINDOW_TO_OVERLAP = 4;

    /** @throws IllegalArgumentException naming the setting that is out of range */
    public WindowLimits {
        if (tokens < MIN_TOKENS) {
            throw new IllegalArgumentException("tandem.encoder.documents.window-tokens is %d; it must be at least %d"
                    .formatted(tokens, MIN_TOKENS));
        }
        if (overlap < 0 || overlap > tokens / MIN_WINDOW_TO_OVERLAP) {
            throw new IllegalArgumentException(
                    "tandem.encoder.documents.overlap-tokens is %d; it must be from 0 to %d, a quarter of window-tokens"
                            .formatted(overlap, tokens / MIN_WINDOW_TO_OVERLAP));
        }
    }

    /** The same, or shorter where a request may not have as many tokens. */
    public WindowLimits within(int maxTokens) {
        if (tokens <= maxTokens) {
            return this;
        }
        int shorter = Math.max(MIN_TOKENS, maxTokens);
        return new WindowLimits(shorter, Math.min(overlap, shorter / MIN_WINDOW_TO_OVERLAP));
    }

    /** Names the way of cutting, for the model with this fingerprint. */
    public String name(String fingerprint) {
        return String.format(Locale.ROOT, "%s-%d-%d", fingerprint, tokens, overlap);
    }
}
