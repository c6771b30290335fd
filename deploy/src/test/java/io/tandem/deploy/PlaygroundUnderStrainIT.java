package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.deploy.browser.InBrowser;
import io.tandem.deploy.browser.Tab;
import io.tandem.deploy.browser.Tab.Key;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The playground in front of a server that is slow, wants a key, takes one request at a time, and dies. */
@ExtendWith(InBrowser.class)
class PlaygroundUnderStrainIT {

    private static final String KEY = "a-long-and-random-key";
    /** Its answer is long for the demo checkpoint: some 25 tokens. */
    private static final String QUESTION = "Hey";

    private static TandemProcess tandem;

    @BeforeAll
    static void start() {
        tandem = slow("playground-strain");
    }

    @AfterAll
    static void stop() {
        if (tandem != null) {
            tandem.close();
        }
    }

    @Test
    void theKeyIsAskedForAndStaysInTheTab(Tab tab) {
        tab.go(tandem.api().page());
        tab.await("document.querySelector('#key-dialog').open");
        assertEquals("key", tab.evaluate("document.activeElement.id").asText());
        tab.type("a wrong one");
        tab.press(Key.ENTER);
        tab.await("document.querySelector('#key-problem').textContent === 'This API key is not good here.'");
        PlaygroundPage page = unlock(tab);
        assertFalse(page.ask(QUESTION).isEmpty());
        assertFalse(tab.evaluate("JSON.stringify(localStorage)").asText().contains(KEY));
        assertTrue(tab.evaluate("JSON.stringify(sessionStorage)").asText().contains(KEY));
        tab.click("#forget-key");
        tab.await("document.querySelector('#key-dialog').open");
        assertFalse(tab.evaluate("JSON.stringify(sessionStorage)").asText().contains(KEY));
    }

    @Test
    void textGrowsAndStopsWhenAsked(Tab tab) {
        PlaygroundPage page = open(tab, tandem);
        tab.evaluate("""
                window.lengths = new Set();
                new MutationObserver(() => lengths.add(document.querySelector('.answer-text')?.textContent.length))
                    .observe(document.querySelector('#turns'), {childList: true, characterData: true, subtree: true})""");
        page.begin(QUESTION);
        tab.await("lengths.size > 4");
        assertEquals(
                "true",
                tab.evaluate("document.querySelector('.answer-text').ariaBusy").asText());
        tab.press(Key.ESCAPE);
        page.awaitAnswers(1);
        assertEquals("Stopped.", tab.text(".note"));
        assertFalse(page.answer().isEmpty(), "what came stays");
        // The server's last piece never came.
        assertTrue(tab.text("[data-hop=decode]").startsWith("decode, measured here "), tab.text("[data-hop=decode]"));
        assertEquals("message", tab.evaluate("document.activeElement.id").asText());
        Eventually.holds(Duration.ofSeconds(20), "freed", () -> tandem.api().metric("tandem_gateway_in_flight") == 0);

        page.begin(QUESTION);
        tab.await("document.querySelectorAll('.answer-text')[1]?.textContent");
        tab.click("#stop");
        page.awaitAnswers(2);
        assertEquals(1, tab.count("[data-again]"), "only the last answer can be written again");
    }

    @Test
    void aFullServerIsAskedAgainWhenItSaidSo(Tab first, Tab second) {
        PlaygroundPage busy = open(first, tandem);
        PlaygroundPage refused = open(second, tandem);
        busy.begin(QUESTION);
        first.await("document.querySelector('.answer-text')?.textContent");
        refused.ask(QUESTION);
        String again = second.text("[data-again]");
        assertTrue(again.matches("Try again in \\d+ s"), again);
        assertTrue(second.evaluate("document.querySelector('[data-again]').disabled")
                .asBoolean());
        assertTrue(second.text(".failure").contains("Code"), second.text(".failure"));
        first.press(Key.ESCAPE);
        second.await("!document.querySelector('[data-again]').disabled");
        assertEquals("Try again", second.text("[data-again]"));
        second.click("[data-again]");
        second.await("document.querySelector('.receipt')");
        assertFalse(refused.answer().isEmpty());
    }

    @Test
    void aCutAnswerIsKeptAndSaidToBeCut(Tab tab) {
        try (TandemProcess dying = slow("playground-cut")) {
            PlaygroundPage page = open(tab, dying);
            page.begin(QUESTION);
            tab.await("document.querySelector('.answer-text')?.textContent.length > 5");
            dying.kill();
            page.awaitAnswers(1);
            assertEquals("The connection broke before the answer was complete.", tab.text(".note.cut"));
            assertTrue(page.answer().length() > 5, page.answer());
            tab.click("[data-again]");
            tab.await("document.querySelector('.failure .message')?.textContent === 'The server cannot be reached.'");
        }
    }

    private static PlaygroundPage open(Tab tab, TandemProcess server) {
        tab.go(server.api().page());
        tab.await("document.querySelector('#key-dialog').open");
        return unlock(tab);
    }

    private static PlaygroundPage unlock(Tab tab) {
        tab.type(KEY);
        tab.press(Key.ENTER);
        PlaygroundPage page = new PlaygroundPage(tab);
        page.awaitModel();
        return page;
    }

    /** Readable arithmetic on an interpreting JVM: some tokens a second, so that there is time to do something meanwhile. */
    private static TandemProcess slow(String name) {
        Map<String, String> environment = Map.of(
                "JDK_JAVA_OPTIONS", "-Xint",
                "TANDEM_DECODER_SPECULATION_ENABLED", "false",
                "TANDEM_GATEWAY_ADMISSION_CONCURRENCY", "1",
                "TANDEM_GATEWAY_ADMISSION_QUEUE", "0",
                "TANDEM_GATEWAY_KEYS_ENTRIES", "alice:" + sha256(KEY),
                "TANDEM_GATEWAY_KEYS_OPEN_METRICS", "true");
        return TandemProcess.start(name, TandemProcess.demoModel().toString(), environment, "--backend", "reference");
    }

    private static String sha256(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
