package io.tandem.encoder.prompt;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * The smallest parts that a document is cut between: sentences, or parts of those that are too long to be repeated in an overlap.
 * Used by one thread.
 */
final class DocumentUnits {

    private final String text;
    private final ToIntFunction<String> tokensOf;
    private final int maxTokens;
    private final List<Unit> units = new ArrayList<>();

    /**
     * A part of a document.
     *
     * @param start its first character
     * @param end the character after its last
     * @param tokens when it is tokenized alone
     * @param endsParagraph whether an empty line, or the document's end, follows
     */
    record Unit(int start, int end, int tokens, boolean endsParagraph) {}

    private DocumentUnits(String text, ToIntFunction<String> tokensOf, int maxTokens) {
        this.text = text;
        this.tokensOf = tokensOf;
        this.maxTokens = maxTokens;
    }

    /**
     * Takes a text apart without a gap.
     *
     * @param tokensOf counts without special tokens
     * @param maxTokens of a unit, at least 1; a single character may have more
     */
    static List<Unit> of(String text, ToIntFunction<String> tokensOf, int maxTokens) {
        DocumentUnits parts = new DocumentUnits(text, tokensOf, maxTokens);
        int start = 0;
        while (start < text.length()) {
            int end = paragraphEnd(text, start);
            parts.paragraph(start, end);
            start = end;
        }
        return parts.units;
    }

    /** After the empty lines that follow the paragraph. */
    private static int paragraphEnd(String text, int start) {
        int position = start;
        boolean seen = false;
        while (position < text.length()) {
            int lineEnd = text.indexOf('\n', position);
            int next = lineEnd < 0 ? text.length() : lineEnd + 1;
            boolean blank = text.substring(position, next).isBlank();
            if (blank && seen) {
                return afterBlankLines(text, next);
            }
            seen |= !blank;
            position = next;
        }
        return text.length();
    }

    private static int afterBlankLines(String text, int start) {
        int position = start;
        while (position < text.length()) {
            int lineEnd = text.indexOf('\n', position);
            if (lineEnd < 0 || !text.substring(position, lineEnd).isBlank()) {
                return position;
            }
            position = lineEnd + 1;
        }
        return position;
    }

    private void paragraph(int start, int end) {
        BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
        sentences.setText(text.substring(start, end));
        int from = sentences.first();
        for (int to = sentences.next(); to != BreakIterator.DONE; to = sentences.next()) {
            split(start + from, start + to, start + to == end);
            from = to;
        }
    }

    /** Halves what is too long, between words where there is a border near the middle. */
    private void split(int start, int end, boolean endsParagraph) {
        int tokens = tokensOf.applyAsInt(text.substring(start, end));
        int middle = middle(start, end);
        if (tokens <= maxTokens || middle == start || middle == end) {
            units.add(new Unit(start, end, tokens, endsParagraph));
            return;
        }
        split(start, middle, false);
        split(middle, end, endsParagraph);
    }

    private int middle(int start, int end) {
        int middle = start + (end - start) / 2;
        int reach = (end - start) / 4;
        for (int distance = 0; distance < reach; distance++) {
            if (Character.isWhitespace(text.charAt(middle - distance - 1))) {
                return middle - distance;
            }
            if (Character.isWhitespace(text.charAt(middle + distance))) {
                return middle + distance + 1;
            }
        }
        boolean insideOfPair = middle > start
                && middle < end
                && Character.isLowSurrogate(text.charAt(middle))
                && Character.isHighSurrogate(text.charAt(middle - 1));
        return insideOfPair ? middle - 1 : middle;
    }
}
