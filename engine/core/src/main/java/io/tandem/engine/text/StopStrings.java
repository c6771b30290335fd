package io.tandem.engine.text;

import io.tandem.engine.InvalidInputException;
import java.util.List;

/**
 * Watches a stream of text for stop strings; owned by one request and used by one thread at a time.
 *
 * <p>The stop string that is complete first ends the text, and of several complete at the same character the longest.
 * The result does not depend on how the stream is cut into deltas. Neither a stop string nor anything after it is given
 * out; text that may be the beginning of one is held until that is decided.
 */
public final class StopStrings {

    /**
     * What a delta led to.
     *
     * @param text text to give out now, perhaps empty
     * @param stop the stop string that was found, else null
     */
    public record Match(String text, String stop) {

        /** Whether the text has ended. */
        public boolean found() {
            return stop != null;
        }
    }

    private final String[] stops;

    /** For each stop string, the Knuth-Morris-Pratt table: the longest proper border of each of its prefixes. */
    private final int[][] borders;

    /** For each stop string, the length of its longest prefix that the text so far ends with. */
    private final int[] matched;

    /** The end of the text so far that may begin a stop string. */
    private final StringBuilder held = new StringBuilder();

    private String found;

    /**
     * @param stops stop strings; none is allowed, and then all text passes at once
     * @throws InvalidInputException if one is empty or has half a surrogate pair, which would cut a character in two
     */
    public StopStrings(List<String> stops) {
        this.stops = stops.toArray(String[]::new);
        this.matched = new int[this.stops.length];
        this.borders = new int[this.stops.length][];
        for (int i = 0; i < this.stops.length; i++) {
            requireUsable(this.stops[i], i);
            borders[i] = bordersOf(this.stops[i]);
        }
    }

    /** Takes a piece of text in which no stop string may be complete yet, though one may begin; returns text to give out now. */
    public String pass(String delta) {
        for (int i = 0; i < delta.length(); i++) {
            held.append(delta.charAt(i));
            advance(delta.charAt(i));
            for (int stop = 0; stop < stops.length; stop++) {
                if (matched[stop] == stops[stop].length()) {
                    matched[stop] = borders[stop][matched[stop] - 1];
                }
            }
        }
        return release(longestMatch());
    }

    /** Takes the next piece of text; once a stop string was found, pieces are dropped and the same one is reported. */
    public Match append(String delta) {
        if (found != null) {
            return new Match("", found);
        }
        for (int i = 0; i < delta.length(); i++) {
            held.append(delta.charAt(i));
            int stop = advance(delta.charAt(i));
            if (stop >= 0) {
                found = stops[stop];
                held.setLength(held.length() - found.length());
                return new Match(release(0), found);
            }
        }
        return new Match(release(longestMatch()), null);
    }

    /** Returns the text that was held when the stream ends without a stop string; empty after one was found. */
    public String flush() {
        return found == null ? release(0) : "";
    }

    /** Moves all matches on by one character and returns the index of the longest that is complete, else -1. */
    private int advance(char next) {
        int complete = -1;
        for (int i = 0; i < stops.length; i++) {
            String stop = stops[i];
            int length = matched[i];
            while (length > 0 && stop.charAt(length) != next) {
                length = borders[i][length - 1];
            }
            matched[i] = stop.charAt(length) == next ? length + 1 : 0;
            boolean longer = complete < 0 || stop.length() > stops[complete].length();
            if (matched[i] == stop.length() && longer) {
                complete = i;
            }
        }
        return complete;
    }

    private int longestMatch() {
        int longest = 0;
        for (int length : matched) {
            longest = Math.max(longest, length);
        }
        return longest;
    }

    private String release(int keep) {
        int end = held.length() - keep;
        String text = held.substring(0, end);
        held.delete(0, end);
        return text;
    }

    private static int[] bordersOf(String stop) {
        int[] borders = new int[stop.length()];
        for (int i = 1; i < borders.length; i++) {
            int length = borders[i - 1];
            while (length > 0 && stop.charAt(length) != stop.charAt(i)) {
                length = borders[length - 1];
            }
            borders[i] = stop.charAt(length) == stop.charAt(i) ? length + 1 : 0;
        }
        return borders;
    }

    private static void requireUsable(String stop, int index) {
        String field = "stop[" + index + "]";
        if (stop.isEmpty()) {
            throw new InvalidInputException(field, field + " is empty; a stop string has at least one character");
        }
        if (stop.codePoints().anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            throw new InvalidInputException(field, field + " has half a surrogate pair; it must be valid Unicode");
        }
    }
}
