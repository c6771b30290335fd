package io.tandem.encoder.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.contract.encoder.v1.CutDocumentReply;
import io.tandem.contract.encoder.v1.CutDocumentRequest;
import io.tandem.contract.encoder.v1.Window;
import io.tandem.encoder.FreePort;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.text.Tokenizer;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Inside the application, as the tokenizer's native library loads into one class loader of a JVM only. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
class DocumentCutterTest {

    private static final WindowLimits LIMITS = new WindowLimits(64, 16);

    @Inject
    Tokenizer tokenizer;

    @Test
    void aShortDocumentStaysWhole() {
        String text = "One line. Another, with an ä.";
        CutDocumentReply reply = cut(text, LIMITS);
        assertEquals("name", reply.getDocumentCut());
        assertEquals(
                List.of(Window.newBuilder()
                        .setEnd(text.getBytes(StandardCharsets.UTF_8).length)
                        .setTokens(tokenizer.encode(text).length)
                        .build()),
                reply.getWindowsList());
    }

    @Test
    void windowsEndWhereParagraphsDo() {
        String text = IntStream.range(0, 20)
                .mapToObj(i -> "Paragraph number " + i + " says this. And it says that.")
                .collect(Collectors.joining("\n\n"));
        List<String> windows = texts(text, cut(text, LIMITS));
        assertTrue(windows.size() > 2, windows.toString());
        windows.subList(0, windows.size() - 1)
                .forEach(window -> assertTrue(window.endsWith("And it says that.\n\n"), window));
    }

    @Test
    void neighboursHaveSentencesInCommon() {
        String text = "A cat sat. ".repeat(100);
        CutDocumentReply reply = cut(text, LIMITS);
        for (int i = 1; i < reply.getWindowsCount(); i++) {
            int common = reply.getWindows(i - 1).getEnd() - reply.getWindows(i).getStart();
            assertTrue(common > 0, "windows overlap by " + common + " bytes");
            assertEquals(0, common % "A cat sat. ".length());
            String overlap = text.substring(0, common);
            assertTrue(tokenizer.encodeWithoutSpecial(overlap).length <= LIMITS.overlap(), overlap);
        }
    }

    @Test
    void anyTextIsCoveredByWindowsThatFit() {
        Random random = new Random(7);
        String[] pieces = {"word", " ", "\n", "\n\n", ". ", "ä", "漢字", "😀", "\r\n", "x".repeat(40), "?! "};
        for (int round = 0; round < 60; round++) {
            StringBuilder text = new StringBuilder("begin");
            for (int i = random.nextInt(800); i > 0; i--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            WindowLimits limits = new WindowLimits(32 + random.nextInt(64), random.nextInt(9));
            check(text.toString(), limits);
        }
        check("😀".repeat(500), LIMITS);
        check("x".repeat(5000), LIMITS);
    }

    private void check(String text, WindowLimits limits) {
        CutDocumentReply reply = cut(text, limits);
        List<String> windows = texts(text, reply);
        int covered = 0;
        int start = -1;
        for (int i = 0; i < windows.size(); i++) {
            Window window = reply.getWindows(i);
            assertTrue(window.getStart() > start && window.getStart() <= covered, "a gap, or no progress");
            assertTrue(window.getEnd() > covered, "nothing new in a window");
            assertEquals(tokenizer.encode(windows.get(i)).length, window.getTokens());
            assertTrue(window.getTokens() <= limits.tokens(), window.getTokens() + " tokens in a window");
            start = window.getStart();
            covered = window.getEnd();
        }
        assertEquals(text.getBytes(StandardCharsets.UTF_8).length, covered);
    }

    @Test
    void whatHoldsNothingIsRefused() {
        for (String text : List.of("", " \n\t ")) {
            InvalidInputException refusal = assertThrows(InvalidInputException.class, () -> cut(text, LIMITS));
            assertEquals("here", refusal.field());
        }
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new WindowLimits(15, 0))
                .getMessage()
                .startsWith("tandem.encoder.documents.window-tokens is 15"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new WindowLimits(64, 17))
                .getMessage()
                .startsWith("tandem.encoder.documents.overlap-tokens is 17"));
        assertEquals(new WindowLimits(100, 25), new WindowLimits(4096, 128).within(100));
    }

    private CutDocumentReply cut(String text, WindowLimits limits) {
        return new DocumentCutter(tokenizer, limits, "name")
                .cut(CutDocumentRequest.newBuilder()
                        .setText(text)
                        .setField("here")
                        .build());
    }

    /** Decoded strictly: no window cuts a character. */
    private static List<String> texts(String text, CutDocumentReply reply) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return reply.getWindowsList().stream()
                .map(window -> {
                    String part = new String(
                            bytes, window.getStart(), window.getEnd() - window.getStart(), StandardCharsets.UTF_8);
                    assertTrue(!part.contains("\ufffd"), part);
                    return part;
                })
                .toList();
    }
}
