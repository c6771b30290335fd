package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.deploy.browser.InBrowser;
import io.tandem.deploy.browser.Tab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a user of the playground does, in a real browser, with the demo checkpoint. */
@ExtendWith({DemoServer.class, InBrowser.class})
class PlaygroundIT {

    private static final String CHAT = "/v1/chat/completions";
    private static final String NOTE = "The boiler team meets on Friday. The supplier brand is Ahmed Media.";

    @TempDir
    Path folder;

    @Test
    void aConversationIsAnsweredAsTheApiDoes(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        String first = page.ask("Who are you?");
        assertEquals(expected(tandem.api(), tab), first);
        String second = page.ask("Copy this: D42T12 XP517");
        JsonNode sent = tab.lastSent(CHAT);
        assertEquals("Who are you?", sent.at("/messages/0/content").asText());
        assertEquals(first, sent.at("/messages/1/content").asText());
        assertEquals(3, sent.get("messages").size());
        assertEquals(expected(tandem.api(), tab), second);
        assertTrue(page.usage().matches("\\d+ read \\(\\d+ cached\\) · \\d+ written"), page.usage());
        assertTrue(
                tab.text(".speed").matches("first token after [\\d.]+ m?s( · [\\d,.]+ tokens/s)?"), tab.text(".speed"));
        assertEquals(2 * 5, tab.count(".legend li"));
        assertTrue(tab.text("[data-hop=encode]").matches("encode [\\d.]+ m?s"), tab.text("[data-hop=encode]"));
        assertTrue(tab.text("[data-hop=decode]").matches("decode [\\d.]+ m?s"), tab.text("[data-hop=decode]"));
        assertTrue(tab.text("#announcer").contains(second), tab.text("#announcer"));
    }

    @Test
    void aWholeAnswerBringsTheServersOwnDecodeTime(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        tab.click("[name=stream]");
        String answer = page.ask("Who are you?");
        assertFalse(tab.lastSent(CHAT).get("stream").asBoolean());
        assertEquals(expected(tandem.api(), tab), answer);
        assertTrue(tab.text("[data-hop=decode]").matches("decode [\\d.]+ m?s"), tab.text("[data-hop=decode]"));
    }

    @Test
    void aPictureIsLookedAt(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        page.attach(1, TandemProcess.evaluation().resolve("images/224.png"));
        String answer = page.ask("Where do you see the cross?");
        assertEquals(0, tab.count(".chip"), "a picture goes with one message");
        assertEquals(1, tab.count(".question img"));
        assertEquals(
                Api.dataUri(TandemProcess.evaluation().resolve("images/224.png")),
                tab.lastSent(CHAT).at("/messages/0/content/0/image_url/url").asText());
        assertEquals(expected(tandem.api(), tab), answer);
        assertTrue(page.usage().contains("16 of pictures"), page.usage());
    }

    @Test
    void aDocumentStaysAndIsReadOnce(TandemProcess tandem, Tab tab) throws IOException {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        page.attach(1, file("note.md", NOTE));
        String first = page.ask("What is the supplier brand?");
        assertEquals(expected(tandem.api(), tab), first);
        page.ask("When does the boiler team meet?");
        JsonNode documents = tab.lastSent(CHAT).get("documents");
        assertEquals(1, documents.size());
        assertTrue(documents.at("/0/file_id").asText().startsWith("file-"), documents.toString());
        assertEquals("cache partial", tab.text(".badge"));
        assertFalse(page.usage().contains("(0 cached"), page.usage());

        tab.click("[aria-label=\"Remove note.md\"]");
        page.awaitChips(0);
        page.ask("Who are you?");
        assertFalse(tab.lastSent(CHAT).has("documents"));
    }

    @Test
    void regeneratingReadsNothingAgain(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        String first = page.ask("See you!");
        assertEquals(1, tab.count("[data-again]"));
        tab.click("[data-again]");
        tab.await("document.querySelector('.badge')?.textContent === 'cache hit'");
        assertEquals(first, page.answer());
        assertEquals(1, tab.count(".turn"));
        assertEquals(1, tab.lastSent(CHAT).get("messages").size());
    }

    @Test
    void filesCanBeDroppedAndWhatCannotBeReadIsSaid(TandemProcess tandem, Tab tab) throws IOException {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        Path binary = folder.resolve("data.bin");
        Files.write(binary, new byte[] {0, (byte) 0xff, (byte) 0xfe});
        tab.drop(
                file("timetable.pdf", onePage("The train to Drufo leaves at 15:44.")),
                file("note.txt", NOTE),
                TandemProcess.evaluation().resolve("images/224.png"),
                binary);
        page.awaitChips(3);
        assertEquals(
                "data.bin: The file is neither a text in UTF-8, nor in UTF-16 or UTF-32 with a byte order mark, nor a PDF, DOCX, HTML or picture.",
                tab.text("#attach-problem"));
        String answer = page.ask("When does the train to Drufo leave?");
        assertEquals(2, tab.lastSent(CHAT).get("documents").size());
        assertEquals(expected(tandem.api(), tab), answer);
    }

    @Test
    void aRefusalNamesFieldAndRequestAndCanBeMended(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        page.set("stop", "a\\nb\\nc\\nd\\ne");
        page.ask("Who are you?");
        assertEquals("stop has 5 strings, limit 4.", tab.text(".failure .message"));
        String details = tab.text(".failure dl");
        assertTrue(details.matches("Field ?stop ?Code ?invalid_value ?Request ?req_[0-9a-f]{32}"), details);
        assertEquals(
                "true",
                tab.evaluate("document.querySelector('[name=stop]').ariaInvalid")
                        .asText());
        page.set("stop", "");
        tab.click("[data-again]");
        tab.await("document.querySelectorAll('.receipt').length === 1");
        assertEquals(0, tab.count(".failure"));
        assertEquals(expected(tandem.api(), tab), page.answer());
    }

    @Test
    void settingsAreSentAndRememberedButNotTheSystemPrompt(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        assertEquals(
                "2048",
                tab.evaluate("document.querySelector('#max_completion_tokens').max")
                        .asText());
        page.set("temperature", "0.7");
        page.set("top_p", "0.9");
        page.set("min_p", "0.05");
        page.set("top_k", "40");
        page.set("seed", "7");
        page.set("max_completion_tokens", "3");
        page.set("stop", "END\\nTHE\\\\nEND");
        page.set("system", "Be brief.");
        page.ask("Who are you?");
        JsonNode sent = tab.lastSent(CHAT);
        assertEquals(0.7, sent.get("temperature").asDouble());
        assertEquals(0.9, sent.get("top_p").asDouble());
        assertEquals(0.05, sent.get("min_p").asDouble());
        assertEquals(40, sent.get("top_k").asInt());
        assertEquals(7, sent.get("seed").asInt());
        assertEquals(3, sent.get("max_completion_tokens").asInt());
        assertEquals("THE\nEND", sent.at("/stop/1").asText());
        assertEquals("system", sent.at("/messages/0/role").asText());
        assertEquals("Ended at the limit of tokens.", tab.text(".note"));

        tab.go(tandem.api().page());
        page.awaitModel();
        page.ask("Who are you?");
        JsonNode again = tab.lastSent(CHAT);
        for (String name :
                new String[] {"temperature", "top_p", "min_p", "top_k", "seed", "max_completion_tokens", "stop"}) {
            assertEquals(sent.get(name), again.get(name), name);
        }
        assertEquals(1, again.get("messages").size());
        tab.click("#defaults");
        page.ask("Who are you?");
        assertFalse(tab.lastSent(CHAT).has("seed"));
    }

    @Test
    void textIsNeverMarkup(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        String question = "Copy this: <img src=x onerror=alert(1)> <b>bold</b>";
        page.ask(question);
        assertEquals(question, tab.text(".question p"));
        assertEquals(0, tab.count(".turn img, .turn b"));
    }

    /** What the API answers to what the page has sent last. */
    private static String expected(Api api, Tab tab) {
        ObjectNode body = tab.lastSent(CHAT).deepCopy();
        body.put("stream", false).remove("stream_options");
        return api.post(CHAT, body).at("/choices/0/message/content").asText();
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    /** A PDF of one line; readers rebuild the table of its objects, which it lacks. */
    private static String onePage(String line) {
        String text = "BT /F1 12 Tf 20 100 Td (%s) Tj ET".formatted(line);
        return """
                %%PDF-1.4
                1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
                2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
                3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R
                  /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> endobj
                4 0 obj << /Length %d >> stream
                %s
                endstream endobj
                trailer << /Root 1 0 R >>
                """.formatted(text.getBytes(StandardCharsets.US_ASCII).length, text);
    }
}
