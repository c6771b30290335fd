package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.speculation.GuessPace;
import io.tandem.engine.speculation.PromptLookup;
import java.util.Arrays;

/**
 * One output, or one beam of it, as the scheduler sees it: its tokens so far, and how many of them the decoder has read into pages.
 *
 * <p>Mutable; confined to the step thread.
 */
final class Sequence {

    private static final int ROOM_FOR_NEW_TOKENS = 64;

    private final Generation generation;
    private final int firstNew;

    private final PromptLookup lookup;
    private final GuessPace pace;

    /** Start token, prefix, then what was generated; behind that, guesses. */
    private int[] tokens;

    private int length;
    private boolean lastWasGuessed;

    /** Null while it has no place in the decoder. */
    private DecoderSequence pages;

    /** @param maxGuess guesses for one step at most; 0: nothing is guessed */
    Sequence(Generation generation, int startToken, int maxGuess) {
        this.generation = generation;
        // The start token is not looked for: prompts begin with it as well.
        this.lookup = new PromptLookup(generation.request().source(), 1);
        this.pace = new GuessPace(maxGuess);
        int[] prefix = generation.request().prefix();
        this.firstNew = 1 + prefix.length;
        this.tokens = new int
                [firstNew + Math.min(ROOM_FOR_NEW_TOKENS, generation.request().maxTokens())];
        tokens[0] = startToken;
        System.arraycopy(prefix, 0, tokens, 1, prefix.length);
        length = firstNew;
    }

    private Sequence(Sequence beginning) {
        this.generation = beginning.generation;
        this.firstNew = beginning.firstNew;
        this.lookup = beginning.lookup;
        this.pace = beginning.pace;
        this.tokens = beginning.tokens.clone();
        this.length = beginning.length;
        this.pages = beginning.pages.fork();
    }

    /** Another sequence that begins as this one does, and shares its pages; this one has some, and makes no guesses. */
    Sequence fork() {
        return new Sequence(this);
    }

    Generation generation() {
        return generation;
    }

    /** Its tokens; the first {@link #length} count. */
    int[] tokens() {
        return tokens;
    }

    /** Tokens so far, start token and prefix included: also the position of the next one. */
    int length() {
        return length;
    }

    /** Index of the first token that was, or will be, generated. */
    int firstNew() {
        return firstNew;
    }

    /** Tokens that were generated. */
    int generated() {
        return length - firstNew;
    }

    /** Tokens that the decoder has read. */
    int read() {
        return pages == null ? 0 : pages.length();
    }

    /** Tokens that the decoder has yet to read; below zero while it has read guesses that are not verified. */
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
        makeRoom(1);
        lastWasGuessed = tokens[length] == token;
        tokens[length++] = token;
    }

    /** Writes guesses behind the tokens, no more of them than are worth it; returns how many. */
    int guess(int most) {
        int wanted = Math.min(Math.min(pace.limit(), most), generation.room() - 1);
        // The last token is never guessed: it would not be read.
        int limit = Math.min(wanted, generation.request().maxTokens() - generated() - 1);
        if (limit <= 0) {
            return 0;
        }
        makeRoom(limit);
        return lookup.guess(tokens, length, limit);
    }

    /** Whether the token that was appended last is what stood in its place before, which is a guess if there was one. */
    boolean lastWasGuessed() {
        return lastWasGuessed;
    }

    /** Learns how many of the guesses were right, and has the decoder forget the others. */
    void verified(int guesses, int right) {
        pace.verified(guesses, right);
        pages.truncate(length - 1);
    }

    private void makeRoom(int more) {
        if (length + more > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(length + more, 2 * length));
        }
    }
}
