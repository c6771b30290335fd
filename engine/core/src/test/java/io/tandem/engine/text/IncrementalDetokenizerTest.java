package io.tandem.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of ids give the text of the whole, early, and never half a character. */
class IncrementalDetokenizerTest {

    private static final GoldenCases GOLDEN = GoldenCases.open("tokenizer");

    private static final int LINE_FEED = 7;

    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.open(GOLDEN.folder());
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void everyPrefixOfEveryGoldenCaseIsThatOfTheReference() {
        int withoutPrefixes = 0;
        for (GoldenCase golden : GOLDEN.cases()) {
            int[] ids = GoldenJson.ids(golden.options().get("ids"));
            assertPrefix(golden.options().get("decoded").textValue(), ids);
            JsonNode prefixes = golden.options().get("decoded_prefixes");
            if (prefixes.isEmpty()) {
                withoutPrefixes++;
                continue;
            }
            assertEquals(ids.length, prefixes.size());
            for (int length = 1; length <= ids.length; length++) {
                assertPrefix(prefixes.path(length - 1).textValue(), Arrays.copyOf(ids, length));
            }
        }
        assertEquals(2, withoutPrefixes, "only the longest cases have none");
    }

    private static void assertPrefix(String expected, int[] ids) {
        IncrementalDetokenizer detokenizer = tokenizer.newDetokenizer(false);
        String early = stream(detokenizer, ids);
        assertTrue(expected.startsWith(early), () -> early + " is not how " + expected + " begins");
        if (!tokenizer.isByte(ids[ids.length - 1])) {
            assertEquals(expected, early, "text is held without need");
        }
        assertEquals(expected, early + detokenizer.finish());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void randomIdsGiveTheTextOfTheWhole(boolean skipSpecialTokens) {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            // Beyond the vocabulary too: a model can pick such an id.
            int[] ids = random.ints(1 + random.nextInt(40), 0, 512).toArray();
            IncrementalDetokenizer detokenizer = tokenizer.newDetokenizer(skipSpecialTokens);
            String text = stream(detokenizer, ids) + detokenizer.finish();
            assertEquals(tokenizer.decode(ids, skipSpecialTokens), text, () -> Arrays.toString(ids));
        }
    }

    @Test
    void aCharacterOfFourBytesComesAtOnceAndWhole() {
        IncrementalDetokenizer detokenizer = tokenizer.newDetokenizer(true);
        int[] ids = tokenizer.encodeWithoutSpecial("\uD83D\uDE00");
        assertEquals(4, Arrays.stream(ids).filter(tokenizer::isByte).count());
        assertEquals("", stream(detokenizer, ids));
        assertEquals("\uD83D\uDE00\n", detokenizer.append(LINE_FEED));
        assertEquals("", detokenizer.finish());
    }

    @Test
    void aCharacterThatNeverBecomesWholeComesAtTheEnd() {
        IncrementalDetokenizer detokenizer = tokenizer.newDetokenizer(true);
        int[] ids = tokenizer.encodeWithoutSpecial("a\uD83D\uDE00");
        assertEquals("a", stream(detokenizer, Arrays.copyOf(ids, ids.length - 1)));
        assertEquals("\uFFFD\uFFFD\uFFFD", detokenizer.finish());
        assertEquals("", detokenizer.finish());
    }

    @Test
    void specialTokensAreSkippedOnDemand() {
        int[] ids = tokenizer.encode("a<end_of_turn>b");
        assertEquals("ab", stream(tokenizer.newDetokenizer(true), ids));
        assertEquals("<bos>a<end_of_turn>b", stream(tokenizer.newDetokenizer(false), ids));
    }

    @Test
    void theCostOfATokenDoesNotGrowWithTheStream() {
        IncrementalDetokenizer detokenizer = tokenizer.newDetokenizer(true);
        int[] ids = tokenizer.encodeWithoutSpecial("The sea \u6771 and ".repeat(2_000));
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(detokenizer.append(id));
            assertFalse(detokenizer.heldIds() > 8, "the window grows");
        }
        assertEquals(
                tokenizer.decode(ids, true), text.append(detokenizer.finish()).toString());
    }

    private static String stream(IncrementalDetokenizer detokenizer, int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(detokenizer.append(id));
        }
        return text.toString();
    }
}
