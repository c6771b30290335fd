package io.tandem.gateway.pipeline;

import io.tandem.contract.encoder.v1.EmbedReply;
import io.tandem.contract.encoder.v1.EmbeddedText;
import io.tandem.contract.encoder.v1.Segment;
import java.util.List;

/**
 * What a request cost.
 *
 * @param prompt encoder tokens
 * @param cached those whose states were in the cache
 * @param image those that stand for pictures
 * @param completion tokens written
 */
public record TokenCounts(int prompt, int cached, int image, int completion) {

    /** Of a request that read and wrote nothing. */
    public static final TokenCounts NONE = new TokenCounts(0, 0, 0, 0);

    /** Of texts that were embedded. */
    public static TokenCounts of(EmbedReply reply) {
        int cached = reply.getEmbeddingsList().stream()
                .filter(EmbeddedText::getCached)
                .mapToInt(EmbeddedText::getTokens)
                .sum();
        int all = reply.getEmbeddingsList().stream()
                .mapToInt(EmbeddedText::getTokens)
                .sum();
        return new TokenCounts(all, cached, 0, 0);
    }

    static TokenCounts of(List<Segment> segments, int completion) {
        return new TokenCounts(
                segments.stream().mapToInt(Segment::getTokens).sum(),
                segments.stream()
                        .filter(Segment::getCached)
                        .mapToInt(Segment::getTokens)
                        .sum(),
                segments.stream().mapToInt(Segment::getImageTokens).sum(),
                completion);
    }

    /** The same prompt with so many tokens written. */
    public TokenCounts withCompletion(int tokens) {
        return new TokenCounts(prompt, cached, image, tokens);
    }

    /** What was written alone. */
    TokenCounts withoutPrompt() {
        return new TokenCounts(0, 0, 0, completion);
    }

    /** Encoder tokens whose states this request added to the cache. */
    public int written() {
        return prompt - cached;
    }

    /** All tokens, read and written. */
    public int total() {
        return prompt + completion;
    }

    /** The sum of two requests. */
    public TokenCounts plus(TokenCounts other) {
        return new TokenCounts(
                prompt + other.prompt, cached + other.cached, image + other.image, completion + other.completion);
    }
}
