package io.tandem.engine.ops;

/**
 * How far a token sees: query i sees key j when {@code i - j < back} and {@code j - i < ahead}.
 *
 * @param back exclusive bound backwards, at least 1: a token sees itself
 * @param ahead exclusive bound forwards, at least 1
 */
public record Reach(int back, int ahead) {

    /** Everything in the segment. */
    public static final Reach ALL = new Reach(Integer.MAX_VALUE, Integer.MAX_VALUE);

    public Reach {
        if (back < 1 || ahead < 1) {
            throw new IllegalArgumentException("a token must see itself: back " + back + ", ahead " + ahead);
        }
    }

    /**
     * The window of a sliding encoder layer (reference: {@code 0 <= i-j < (W+1)/2} or {@code 0 < j-i < W/2+1}).
     *
     * @param window config key {@code sliding_window}
     */
    public static Reach encoderWindow(int window) {
        return new Reach((window + 1) / 2, window / 2 + 1);
    }

    /** First key that query i sees. */
    public int first(int i) {
        return back > i ? 0 : i - back + 1;
    }

    /** One past the last key that query i sees in a segment of {@code length} tokens. */
    public int end(int i, int length) {
        return ahead >= length - i ? length : i + ahead;
    }
}
