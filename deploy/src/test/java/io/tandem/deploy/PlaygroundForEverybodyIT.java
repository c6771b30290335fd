package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.deploy.browser.InBrowser;
import io.tandem.deploy.browser.Tab;
import io.tandem.deploy.browser.Tab.Key;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** The playground by keyboard, on a phone, in light and dark, and as axe-core judges it. */
@ExtendWith({DemoServer.class, InBrowser.class})
class PlaygroundForEverybodyIT {

    private static final int MOST_STOPS = 60;

    private static final Path IMAGES = Path.of(System.getProperty("tandem.root"), "docs/images");
    /** Wider than any phone, without a place to break it. */
    private static final String LONG_WORD = "Donaudampfschifffahrt".repeat(12);

    @Test
    void theKeyboardIsEnough(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        assertEquals("message", focused(tab));
        tab.type("Who are you?");
        tab.press(Key.ENTER);
        page.awaitAnswers(1);
        assertEquals("message", focused(tab), "the next question can be typed at once");

        List<String> stops = new ArrayList<>();
        for (int presses = 0; presses < MOST_STOPS; presses++) {
            tab.press(Key.TAB);
            JsonNode stop = tab.evaluate("""
                    (() => {
                      const element = document.activeElement;
                      const card = element.closest('.card') ?? element;
                      const shown = [element, card].some((at) => getComputedStyle(at).outlineStyle === 'solid');
                      const label = element.labels?.[0]?.textContent || element.ariaLabel || element.textContent;
                      return {name: element.id || label.trim(), shown, labelled: label.trim() !== ''};
                    })()""");
            if (tab.evaluate("document.activeElement === document.body").asBoolean()) {
                // The browser's own controls come before the page begins again.
                continue;
            }
            stops.add(stop.get("name").asText());
            assertTrue(stop.get("shown").asBoolean(), () -> stop + " does not show that it has the focus");
            assertTrue(stop.get("labelled").asBoolean(), () -> stop + " has no name");
            if (focused(tab).equals("message")) {
                break;
            }
        }
        assertEquals("message", stops.getLast(), "the way leads round");
        for (String expected : List.of(
                "new-conversation",
                "theme-toggle",
                "panel-toggle",
                "scroll",
                "Copy",
                "Regenerate",
                "attach",
                "send",
                "defaults",
                "temperature",
                "top_k",
                "stop-strings",
                "system",
                "Skip to the message")) {
            assertTrue(stops.contains(expected), () -> expected + " is not among " + stops);
        }
    }

    @Test
    void theFirstStopLeadsToTheMessage(TandemProcess tandem, Tab tab) {
        PlaygroundPage.open(tab, tandem.api());
        tab.evaluate("document.activeElement.blur()");
        tab.evaluate("document.querySelector('.skip').focus()");
        assertTrue(tab.evaluate("document.querySelector('.skip').getBoundingClientRect().top >= 0")
                .asBoolean());
        tab.press(Key.ENTER);
        assertEquals("message", focused(tab));
    }

    @Test
    void nothingScrollsSidewaysOnAPhone(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        tab.resize(360, 740);
        assertFalse(page.scrollsSideways(), "at first");
        page.attach(1, TandemProcess.evaluation().resolve("images/224.png"));
        page.ask(LONG_WORD);
        assertFalse(page.scrollsSideways(), "with an answer");
        page.set("stop", "a\\nb\\nc\\nd\\ne");
        page.ask("Who are you?");
        assertEquals(1, tab.count(".failure"));
        assertFalse(page.scrollsSideways(), "with a refusal");
        tab.click("#panel-toggle");
        assertTrue(tab.evaluate("document.querySelector('#chat').hidden").asBoolean());
        assertFalse(page.scrollsSideways(), "in the settings");
        tab.click("#panel-close");
        assertFalse(tab.evaluate("document.querySelector('#chat').hidden").asBoolean());
    }

    @Test
    void axeFindsNothing(TandemProcess tandem, Tab tab) throws IOException {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        tab.prefer("prefers-reduced-motion", "reduce");
        try (InputStream axe = getClass().getResourceAsStream("/axe.min.js")) {
            tab.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + "; true");
        }
        check(tab, "at first");
        page.attach(1, TandemProcess.evaluation().resolve("images/224.png"));
        page.ask("Where do you see the cross?");
        page.ask("Where do you see the cross?");
        page.set("stop", "a\\nb\\nc\\nd\\ne");
        page.ask("Who are you?");
        check(tab, "with answers and a refusal");
        tab.prefer("prefers-color-scheme", "dark");
        check(tab, "in the dark");
        tab.resize(360, 740);
        check(tab, "on a phone");
        tab.click("#panel-toggle");
        check(tab, "in a phone's settings");
        tab.evaluate("document.querySelector('#key-dialog').showModal()");
        check(tab, "asking for a key");
    }

    @Test
    void theSystemsThemeHoldsUntilOneIsChosen(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        tab.prefer("prefers-color-scheme", "light");
        String light = background(tab);
        tab.prefer("prefers-color-scheme", "dark");
        String dark = background(tab);
        assertNotEquals(light, dark);
        tab.click("#theme-toggle");
        assertEquals(light, background(tab));
        tab.go(tandem.api().page());
        page.awaitModel();
        assertEquals(light, background(tab));
        assertEquals(
                "false",
                tab.evaluate("document.querySelector('#theme-toggle').ariaPressed")
                        .asText());
    }

    /** Renews the README's pictures: {@code -Dtandem.screenshots}. */
    @Test
    @EnabledIfSystemProperty(
            named = "tandem.screenshots",
            matches = ".*",
            disabledReason = "pictures are renewed on demand")
    void screenshots(TandemProcess tandem, Tab tab) {
        PlaygroundPage page = PlaygroundPage.open(tab, tandem.api());
        tab.prefer("prefers-reduced-motion", "reduce");
        tab.prefer("prefers-color-scheme", "light");
        tab.click("[data-example=document]");
        page.awaitChips(1);
        tab.click("#send");
        page.awaitAnswers(1);
        page.ask("How many portions does it make?");
        tab.screenshot(IMAGES.resolve("playground.png"));

        tab.click("#new-conversation");
        tab.click("[data-example=picture]");
        page.awaitChips(1);
        tab.click("#send");
        page.awaitAnswers(1);
        tab.prefer("prefers-color-scheme", "dark");
        tab.screenshot(IMAGES.resolve("playground-dark.png"));
        tab.resize(360, 740);
        tab.screenshot(IMAGES.resolve("playground-phone.png"));
    }

    private static void check(Tab tab, String when) {
        JsonNode violations = tab.evaluate("""
                axe.run().then((result) => result.violations.map(
                    ({id, help, nodes}) => id + ': ' + help + ' ' + nodes.map((node) => node.html)))""");
        assertEquals(0, violations.size(), () -> when + ": " + violations.toPrettyString());
    }

    private static String focused(Tab tab) {
        return tab.evaluate("document.activeElement.id").asText();
    }

    private static String background(Tab tab) {
        return tab.evaluate("getComputedStyle(document.body).backgroundColor").asText();
    }
}
