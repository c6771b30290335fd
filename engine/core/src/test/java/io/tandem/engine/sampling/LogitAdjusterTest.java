package io.tandem.engine.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogitAdjusterTest {

    private static final int VOCABULARY = 30;

    @Test
    void doesWhatTheNaiveVersionDoesWhateverCameBefore() {
        Random random = new Random(21);
        LogitAdjuster adjuster = new LogitAdjuster(VOCABULARY);
        for (int round = 0; round < 200; round++) {
            LogitRules rules = new LogitRules(
                    random.nextInt(3) - 1,
                    random.nextBoolean() ? 0 : 0.7f,
                    random.nextBoolean() ? 1 : 1.3f,
                    random.nextBoolean() ? LogitBias.NONE : new LogitBias(new int[] {3, 9}, new float[] {-5, 2.5f}));
            int[] tokens = random.ints(40, 0, VOCABULARY).toArray();
            int first = 1 + random.nextInt(5);
            int length = first + random.nextInt(30);
            float[] logits = new float[VOCABULARY];
            for (int id = 0; id < VOCABULARY; id++) {
                logits[id] = (float) (3 * random.nextGaussian());
            }
            float[] expected =
                    NaiveLogitRules.apply(rules, logits, list(tokens, 0, first), list(tokens, first, length));
            adjuster.apply(rules, logits, tokens, first, length);
            assertArrayEquals(expected, logits, rules.toString());
        }
    }

    /** Worked by hand: one sign of a logit each, a prefix that only the repetition penalty sees. */
    @Test
    void countsWhatWasGeneratedAndRepeatsWhatWasSeen() {
        LogitRules rules = new LogitRules(0.5f, 0.25f, 2, new LogitBias(new int[] {4}, new float[] {8}));
        float[] logits = {1, 1, -1, 3, -4};
        new LogitAdjuster(5).apply(rules, logits, new int[] {0, 2, 3, 3, 4, 1}, 2, 5);
        assertArrayEquals(new float[] {0.5f, 1, -2, 1.5f - 1 - 0.25f, 2 - 0.5f - 0.25f}, logits);
    }

    @Test
    void forbiddenTokensAreNeverChosen() {
        float[] logits = {1, 5, 9};
        LogitAdjuster.forbid(logits, 2, 1);
        assertEquals(0, new Sampler(3).sample(logits, SamplingParameters.GREEDY, 0));
    }

    @Test
    void onlyRulesThatChangeSomethingAreActive() {
        assertFalse(LogitRules.NONE.active());
        assertTrue(new LogitRules(0.1f, 0, 1, LogitBias.NONE).active());
        assertTrue(new LogitRules(0, -0.1f, 1, LogitBias.NONE).active());
        assertTrue(new LogitRules(0, 0, 0.9f, LogitBias.NONE).active());
        assertTrue(new LogitRules(0, 0, 1, new LogitBias(new int[] {1}, new float[] {1})).active());
    }

    @Test
    void valuesOutOfRangeAreRefusedByName() {
        assertRefused("frequency_penalty", 2.1f, 0, 1);
        assertRefused("frequency_penalty", Float.NaN, 0, 1);
        assertRefused("presence_penalty", 0, -2.1f, 1);
        assertRefused("repetition_penalty", 0, 0, 0);
        assertRefused("repetition_penalty", 0, 0, Float.POSITIVE_INFINITY);
        for (float bad : new float[] {-100.5f, 101, Float.NaN}) {
            InvalidInputException refusal =
                    assertThrows(InvalidInputException.class, () -> new LogitBias(new int[] {7}, new float[] {bad}));
            assertEquals("logit_bias", refusal.field());
        }
    }

    private static void assertRefused(String field, float frequency, float presence, float repetition) {
        InvalidInputException refusal = assertThrows(
                InvalidInputException.class, () -> new LogitRules(frequency, presence, repetition, LogitBias.NONE));
        assertEquals(field, refusal.field());
    }

    private static List<Integer> list(int[] tokens, int from, int to) {
        return IntStream.of(Arrays.copyOfRange(tokens, from, to)).boxed().toList();
    }
}
