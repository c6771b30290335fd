package io.tandem.encoder.prompt;

import io.tandem.contract.encoder.v1.CutDocumentReply;
import io.tandem.contract.encoder.v1.CutDocumentRequest;
import io.tandem.contract.encoder.v1.Window;
import io.tandem.encoder.prompt.DocumentUnits.Unit;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.text.Tokenizer;
import java.util.List;

/**
 * Cuts documents into windows that overlap: where a paragraph ends, else where a sentence ends, else within it. Immutable,
 * thread-safe.
 */
public final class DocumentCutter {

    private final Tokenizer tokenizer;
    private final WindowLimits limits;
    private final String name;

    /** @param name of this way of cutting, as {@link WindowLimits#name} gives it */
    public DocumentCutter(Tokenizer tokenizer, WindowLimits limits, String name) {
        this.tokenizer = tokenizer;
        this.limits = limits;
        this.name = name;
    }

    /** Names the way of cutting. */
    public String name() {
        return name;
    }

    /**
     * Cuts a document.
     *
     * @throws InvalidInputException if it is empty
     */
    public CutDocumentReply cut(CutDocumentRequest request) {
        String text = request.getText();
        if (text.isBlank()) {
            throw new InvalidInputException(request.getField(), "the document holds no text");
        }
        CutDocumentReply.Builder reply = CutDocumentReply.newBuilder().setDocumentCut(name);
        int whole = tokenizer.encode(text).length;
        if (whole <= limits.tokens()) {
            return reply.addWindows(window(0, utf8Length(text, 0, text.length()), whole))
                    .build();
        }
        int maxUnit = Math.max(1, limits.overlap() > 0 ? limits.overlap() : limits.tokens() / 4);
        List<Unit> units = DocumentUnits.of(text, part -> tokenizer.encodeWithoutSpecial(part).length, maxUnit);
        int start = 0;
        int startByte = 0;
        while (true) {
            Cut cut = cut(text, units, start);
            int endByte = startByte
                    + utf8Length(
                            text,
                            units.get(start).start(),
                            units.get(cut.end() - 1).end());
            reply.addWindows(window(startByte, endByte, cut.tokens()));
            if (cut.end() == units.size()) {
                return reply.build();
            }
            int next = overlapStart(units, start, cut.end());
            startByte +=
                    utf8Length(text, units.get(start).start(), units.get(next).start());
            start = next;
        }
    }

    /**
     * Where a window ends.
     *
     * @param end index of the first unit that is not in it
     * @param tokens of the window
     */
    private record Cut(int end, int tokens) {}

    private Cut cut(String text, List<Unit> units, int start) {
        int full = start + 1;
        int sum = units.get(start).tokens();
        while (full < units.size() && sum + units.get(full).tokens() <= limits.tokens()) {
            sum += units.get(full).tokens();
            full++;
        }
        int end = atParagraph(units, start, full);
        int tokens = tokens(text, units, start, end);
        // Parts may have fewer tokens than their sum, or more: <bos>, and what merges across a border no longer.
        while (tokens > limits.tokens() && end > start + 1) {
            end--;
            tokens = tokens(text, units, start, end);
        }
        return new Cut(end, tokens);
    }

    /** Back to where a paragraph ends, unless that leaves half of the window empty. */
    private int atParagraph(List<Unit> units, int start, int full) {
        if (full == units.size()) {
            return full;
        }
        int left = 0;
        for (int end = full; end > start + 1 && left < limits.tokens() / 2; end--) {
            if (units.get(end - 1).endsParagraph()) {
                return end;
            }
            left += units.get(end - 1).tokens();
        }
        return full;
    }

    /** The first unit of the next window: as many as fit into the overlap are repeated, and at least one is new. */
    private int overlapStart(List<Unit> units, int start, int end) {
        int next = end;
        int repeated = 0;
        while (next - 1 > start && repeated + units.get(next - 1).tokens() <= limits.overlap()) {
            next--;
            repeated += units.get(next).tokens();
        }
        return next;
    }

    private int tokens(String text, List<Unit> units, int start, int end) {
        return tokenizer.encode(text.substring(
                        units.get(start).start(), units.get(end - 1).end()))
                .length;
    }

    private static Window window(int start, int end, int tokens) {
        return Window.newBuilder().setStart(start).setEnd(end).setTokens(tokens).build();
    }

    private static int utf8Length(String text, int start, int end) {
        int bytes = 0;
        for (int i = start; i < end; i++) {
            char character = text.charAt(i);
            if (character < 0x80) {
                bytes++;
            } else if (character < 0x800 || Character.isSurrogate(character)) {
                // Two for each half of a pair.
                bytes += 2;
            } else {
                bytes += 3;
            }
        }
        return bytes;
    }
}
