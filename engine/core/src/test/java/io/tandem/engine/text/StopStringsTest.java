package io.tandem.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.InvalidInputException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stop strings in streams, checked against a search in the whole text. */
class StopStringsTest {

    @Test
    void findsAStopStringAcrossDeltas() {
        StopStrings stops = new StopStrings(List.of("END"));
        assertEquals("one ", stops.append("one E").text());
        assertEquals("", stops.append("N").text());
        StopStrings.Match match = stops.append("D two");
        assertTrue(match.found());
        assertEquals("END", match.stop());
        assertEquals("", match.text());
        assertEquals("", stops.append("three").text());
        assertEquals("", stops.flush());
    }

    @Test
    void givesOutAFalseBeginningAsSoonAsItIsOne() {
        StopStrings stops = new StopStrings(List.of("aab"));
        assertEquals("", stops.append("aa").text());
        assertEquals("a", stops.append("a").text());
        assertEquals("aac", stops.append("c").text());
        assertEquals("", stops.append("a").text());
        assertEquals("a", stops.flush());
        assertEquals("", stops.flush());
    }

    @Test
    void theStopStringThatIsCompleteFirstWins() {
        assertEquals("bc", new StopStrings(List.of("abcd", "bc")).append("abcd").stop());
        assertEquals("abc", new StopStrings(List.of("bc", "abc")).append("abc").stop(), "of two the longer");
    }

    @Test
    void whatPassesEndsNothingButMayBeginSomething() {
        StopStrings stops = new StopStrings(List.of("END", "DOT"));
        assertEquals("one END two EN", stops.pass("one END two END"));
        StopStrings.Match match = stops.append("OT three");
        assertEquals("DOT", match.stop());
        assertEquals("", match.text());
        StopStrings repeated = new StopStrings(List.of("aa"));
        assertEquals("aa", repeated.pass("aaa"));
        assertEquals("aa", repeated.append("a").stop(), "its first half was passed");
    }

    @Test
    void withoutStopStringsAllTextPassesAtOnce() {
        StopStrings none = new StopStrings(List.of());
        StopStrings.Match match = none.append("text");
        assertEquals("text", match.text());
        assertNull(match.stop());
        assertFalse(match.found());
        assertEquals("", none.flush());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uD83D", "a\uDE00"})
    void namesAStopStringThatIsNoText(String stop) {
        InvalidInputException failure =
                assertThrows(InvalidInputException.class, () -> new StopStrings(List.of("fine", stop)));
        assertEquals("stop[1]", failure.field());
    }

    @Test
    void equalsASearchInTheWholeTextHoweverItIsCut() {
        Random random = new Random(11);
        for (int round = 0; round < 2_000; round++) {
            List<String> stops = IntStream.range(0, 1 + random.nextInt(4))
                    .mapToObj(i -> letters(random, 1 + random.nextInt(4)))
                    .toList();
            assertEqualsSearch(letters(random, random.nextInt(30)), stops, random);
        }
    }

    private static void assertEqualsSearch(String text, List<String> stops, Random random) {
        StopStrings watcher = new StopStrings(stops);
        StringBuilder given = new StringBuilder();
        String found = null;
        for (int at = 0; at < text.length() && found == null; ) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(5));
            StopStrings.Match match = watcher.append(text.substring(at, end));
            given.append(match.text());
            found = match.stop();
            at = end;
        }
        given.append(watcher.flush());
        String expectedStop = firstComplete(text, stops);
        assertEquals(expectedStop, found, () -> stops + " in " + text);
        String expected = expectedStop == null ? text : text.substring(0, text.indexOf(expectedStop));
        assertEquals(expected, given.toString(), () -> stops + " in " + text);
    }

    private static String firstComplete(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String longest = null;
            for (String stop : stops) {
                boolean complete = text.substring(0, end).endsWith(stop);
                if (complete && (longest == null || stop.length() > longest.length())) {
                    longest = stop;
                }
            }
            if (longest != null) {
                return longest;
            }
        }
        return null;
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }
}
