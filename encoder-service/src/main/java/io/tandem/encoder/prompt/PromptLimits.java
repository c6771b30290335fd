package io.tandem.encoder.prompt;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.List;
import java.util.Locale;

/**
 * How long a request may be. Immutable.
 *
 * @param modelTokens what the model's positions allow
 * @param maxTokens {@code tandem.encoder.max-tokens}
 */
public record PromptLimits(int modelTokens, int maxTokens) {

    public PromptLimits {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("tandem.encoder.max-tokens is " + maxTokens + "; it must be at least 1");
        }
    }

    /** Most encoder tokens of a request. */
    public int tokens() {
        return Math.min(modelTokens, maxTokens);
    }

    /** @throws TandemException CONTEXT_LENGTH_EXCEEDED if the segments are too long together */
    void require(List<SegmentText> segments) {
        long tokens =
                segments.stream().mapToLong(segment -> segment.tokens().length).sum();
        if (tokens <= tokens()) {
            return;
        }
        String advice = modelTokens <= maxTokens
                ? "that is the model's context; shorten it"
                : "shorten it or raise tandem.encoder.max-tokens";
        throw new TandemException(
                ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                segments.getLast().field(),
                String.format(
                        Locale.ROOT, "the request has %,d encoder tokens, limit %,d; %s", tokens, tokens(), advice));
    }
}
