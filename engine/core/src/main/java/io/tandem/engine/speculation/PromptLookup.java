package io.tandem.engine.speculation;

/**
 * Guesses what an answer goes on with: what followed its latest tokens where they stood before, in what the encoder read or
 * else in the answer itself (prompt lookup, Saxena 2023).
 *
 * <p>A guess looks at every token once at most: some ten microseconds for 32,768 of them, and nothing in the middle of a copy.
 * Mutable: it remembers the place that is being copied; owned by one answer and used by the thread that runs its steps.
 */
public final class PromptLookup {

    /** More tokens tell places apart hardly any better, and fewer answers would have them in common with their source. */
    private static final int LONGEST_MATCH = 3;

    private final int[] source;
    private final int firstToken;

    /** The answer's next token was last guessed to be {@code source[copied]}, when it had {@code copiedAt} tokens. */
    private int copied;

    private int copiedAt;

    private int matched;

    /**
     * @param source what the encoder read, one segment after the other; may be empty; not to be changed
     * @param firstToken where the answer's own tokens begin: those before, such as the start token, are not looked for
     */
    public PromptLookup(int[] source, int firstToken) {
        this.source = source;
        this.firstToken = firstToken;
        this.copiedAt = firstToken;
    }

    /**
     * Writes guesses behind an answer's tokens.
     *
     * @param tokens the answer, with room for {@code limit} more
     * @param length tokens of the answer so far
     * @param limit guesses at most, at least 1
     * @return guesses made; 0 if the latest token never stood before
     */
    public int guess(int[] tokens, int length, int limit) {
        int longest = Math.min(LONGEST_MATCH, length - firstToken);
        int inSource = placeInSource(tokens, length, longest);
        int sourceMatch = inSource < 0 ? 0 : match(source, inSource, tokens, length, longest);
        int inAnswer = sourceMatch == longest ? -1 : placeInAnswer(tokens, length, longest, sourceMatch);
        matched = inAnswer < 0 ? sourceMatch : match(tokens, inAnswer, tokens, length, longest);
        if (inAnswer >= 0) {
            // Guesses may follow guesses: so goes on what repeats itself.
            for (int i = 0; i < limit; i++) {
                tokens[length + i] = tokens[inAnswer + i];
            }
            return limit;
        }
        if (inSource < 0) {
            return 0;
        }
        copied = inSource;
        copiedAt = length;
        int guesses = Math.min(limit, source.length - inSource);
        System.arraycopy(source, inSource, tokens, length, guesses);
        return guesses;
    }

    /** How many tokens before the latest guesses, 3 at most, stood alike where they were found; 0 if nothing was found. */
    public int matched() {
        return matched;
    }

    /** Where the source goes on behind the longest match, -1 if there is none. */
    private int placeInSource(int[] tokens, int length, int longest) {
        int bestMatch = 0;
        int place = -1;
        // Where a copy went on to, the next guess begins: so equal places are told apart by their nearness to it.
        int expected = source.length == 0 ? 0 : (copied + length - copiedAt) % source.length;
        for (int i = 0; i < source.length && bestMatch < longest; i++) {
            int candidate = expected + i < source.length ? expected + i : expected + i - source.length;
            int match = match(source, candidate, tokens, length, longest);
            if (match > bestMatch) {
                bestMatch = match;
                place = candidate;
            }
        }
        return place;
    }

    /** Where the answer went on behind the latest match longer than {@code shorter}, the longest one; -1 if there is none. */
    private int placeInAnswer(int[] tokens, int length, int longest, int shorter) {
        int bestMatch = shorter;
        int place = -1;
        for (int candidate = length - 1; candidate > firstToken && bestMatch < longest; candidate--) {
            int match = match(tokens, candidate, tokens, length, longest);
            if (match > bestMatch) {
                bestMatch = match;
                place = candidate;
            }
        }
        return place;
    }

    /** How many tokens, {@code longest} at most, are the same before {@code place} and at the end of the answer. */
    private int match(int[] text, int place, int[] tokens, int length, int longest) {
        int start = text == tokens ? firstToken : 0;
        int match = 0;
        while (match < longest && place - match > start && text[place - 1 - match] == tokens[length - 1 - match]) {
            match++;
        }
        return match;
    }
}
