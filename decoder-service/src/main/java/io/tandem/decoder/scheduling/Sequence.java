package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import java.util.Arrays;

/**
 * One output as the scheduler sees it: its tokens so far, and how many of them the decoder has read into pages.
 *
 * <p>Mutable; confined to the step thread.
 */
final class Sequence {

    private static final int ROOM_FOR_NEW_TOKENS = 64;

    private final Generation generation;
    private final long arrival;
    private final int firstNew;

    /** Start token, prefix, then what was generated. */
    private int[] tokens;

    private int length;

    /** Null while it has no place in the decoder. */
    private DecoderSequence pages;

    Sequence(Generation generation, long arrival, int startToken) {
        this.generation = generation;
        this.arrival = arrival;
        int[] prefix = generation.request().prefix();
        this.firstNew = 1 + prefix.length;
        this.tokens = new int
                [firstNew + Math.min(ROOM_FOR_NEW_TOKENS, generation.request().maxTokens())];
        tokens[0] = startToken;
        System.arraycopy(prefix, 0, tokens, 1, prefix.length);
        length = firstNew;
    }

    Generation generation() {
        return generation;
    }

    /** Its place in the order of requests: lower came earlier. */
    long arrival() {
        return arrival;
    }

    /** Its tokens; the first {@link #length} count. */
    int[] tokens() {
        return tokens;
    }

    /** Tokens so far, start token and prefix included: also the position of the next one. */
    int length() {
        return length;
    }

    /** Tokens that were generated. */
    int generated() {
        return length - firstNew;
    }

    /** Tokens that the decoder has read. */
    int read() {
        return pages == null ? 0 : pages.length();
    }

    /** Tokens that the decoder has yet to read; at least one. */
    int unread() {
        return length - read();
    }

    DecoderSequence pages() {
        return pages;
    }

    void open(DecoderRunner runner) {
        pages = runner.sequence(generation.memories());
    }

    /** Gives the pages back; the tokens stay, to be read again. */
    void close() {
        if (pages != null) {
            DecoderSequence closing = pages;
            pages = null;
            closing.close();
        }
    }

    void append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
    }
}
