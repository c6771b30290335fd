package io.tandem.engine.text;

import java.util.Arrays;

/**
 * The text of a stream of token ids, piece by piece; owned by one request and used by one thread at a time.
 *
 * <p>All pieces together equal {@link Tokenizer#decode} of all ids. A piece is given out as soon as no later token can
 * change it, and no sooner. What a later token can change is a run of byte tokens: it decodes to characters if the
 * whole run is UTF-8, and to one U+FFFD a byte if it is not, so it is held until a token that is no byte, or
 * {@link #finish}, ends it.
 *
 * <p>A token is decoded together with the last one before its run, the context, because a decoder may treat the first
 * token of a text differently. Each id is thus decoded at most three times, whatever the length of the stream.
 */
public final class IncrementalDetokenizer {

    private static final int FIRST_CAPACITY = 16;

    private final Tokenizer tokenizer;
    private final boolean skipSpecialTokens;

    /** The context, if there is one yet, then ids whose text has not been given out. */
    private int[] window = new int[FIRST_CAPACITY];

    private int windowLength;
    private int contextLength;

    IncrementalDetokenizer(Tokenizer tokenizer, boolean skipSpecialTokens) {
        this.tokenizer = tokenizer;
        this.skipSpecialTokens = skipSpecialTokens;
    }

    /** Takes the next id and returns the text that has become certain, often empty. */
    public String append(int tokenId) {
        if (tokenizer.isSkipped(tokenId, skipSpecialTokens)) {
            return "";
        }
        if (windowLength == window.length) {
            window = Arrays.copyOf(window, 2 * window.length);
        }
        window[windowLength++] = tokenId;
        if (tokenizer.isByte(tokenId)) {
            return "";
        }
        String text = settle();
        window[0] = tokenId;
        windowLength = 1;
        contextLength = 1;
        return text;
    }

    /** Returns the rest: the text of bytes that were held. The stream has then ended. */
    public String finish() {
        String text = settle();
        windowLength = contextLength;
        return text;
    }

    /** How many ids this object holds: what the cost of the next one depends on. */
    int heldIds() {
        return windowLength;
    }

    private String settle() {
        if (windowLength == contextLength) {
            return "";
        }
        String text = tokenizer.decode(Arrays.copyOf(window, windowLength), skipSpecialTokens);
        if (contextLength == 0) {
            return text;
        }
        String context = tokenizer.decode(Arrays.copyOf(window, contextLength), skipSpecialTokens);
        return text.substring(context.length());
    }
}
