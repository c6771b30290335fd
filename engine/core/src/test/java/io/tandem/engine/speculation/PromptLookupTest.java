package io.tandem.engine.speculation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptLookupTest {

    private static final int START = 2;

    @Test
    void whatFollowedTheLatestTokensIsGuessed() {
        PromptLookup lookup = lookup(2, 10, 11, 12, 13, 14);
        assertGuess(lookup, new int[] {13, 14}, 11, 12);
        assertGuess(lookup(10, 11, 12, 13), new int[] {12, 13}, 50, 11);
    }

    @Test
    void theLongerMatchWins() {
        assertGuess(lookup(1, 5, 60, 4, 5, 70, 3, 4, 5, 80), new int[] {80}, 3, 4, 5);
        assertGuess(lookup(1, 5, 60, 4, 5, 70), new int[] {70}, 3, 4, 5);
    }

    @Test
    void ofEqualMatchesTheOneWhereTheCopyGoesOnWins() {
        PromptLookup lookup = lookup(7, 20, 21, 9, 40, 30, 31, 9, 50);
        assertGuess(lookup, new int[] {31, 9, 50}, 30);
        // Two were right, then came another token than the third.
        assertEquals(9, first(lookup, 30, 31));
        assertEquals(50, first(lookup, 8, 8, 9), "the other 9 is farther from what was copied");
    }

    @Test
    void theAnswerItselfIsASourceAndMayRepeatItself() {
        assertGuess(lookup(), new int[] {6, 7, 5, 6, 7, 5, 6, 7}, 5, 6, 7, 5);
        assertGuess(lookup(90, 5, 91), new int[] {91}, 8, 5, 9, 5);
        assertGuess(lookup(90, 5, 91), new int[] {9, 8, 5, 9, 8, 5, 9, 8}, 8, 5, 9, 8, 5);
    }

    @Test
    void nothingIsGuessedFromNothing() {
        assertGuess(lookup(START, 10, 11), new int[0]);
        assertGuess(lookup(), new int[0], 4, 5, 6);
        assertGuess(lookup(4), new int[0], 4);
        assertGuess(lookup(1, 3), new int[0], 4);
    }

    @Test
    void moreThanTheLimitAreNeverGuessed() {
        int[] tokens = {START, 10, 0, 0};
        assertEquals(2, lookup(10, 11, 12, 13).guess(tokens, 2, 2));
        assertArrayEquals(new int[] {START, 10, 11, 12}, tokens);
    }

    /** A copy of any part of a random source is guessed from its third token on without a mistake. */
    @Test
    void aCopyOfDistinctTriplesIsFollowedToItsEnd() {
        Random random = new Random(11);
        int[] source = random.ints(5000, 0, 1 << 20).toArray();
        for (int round = 0; round < 50; round++) {
            int begin = random.nextInt(source.length - 40);
            int[] tokens = new int[48];
            tokens[0] = START;
            System.arraycopy(source, begin, tokens, 1, 3);
            PromptLookup lookup = lookup(source);
            int length = 4;
            while (length < 36) {
                length += lookup.guess(tokens, length, 1 + random.nextInt(8));
            }
            assertArrayEquals(
                    Arrays.copyOfRange(source, begin, begin + 35), Arrays.copyOfRange(tokens, 1, 36), "round " + round);
        }
    }

    private static PromptLookup lookup(int... source) {
        return new PromptLookup(source, 1);
    }

    private static void assertGuess(PromptLookup lookup, int[] expected, int... answer) {
        int[] tokens = tokens(answer);
        int guesses = lookup.guess(tokens, 1 + answer.length, 8);
        assertArrayEquals(expected, Arrays.copyOfRange(tokens, 1 + answer.length, 1 + answer.length + guesses));
    }

    private static int first(PromptLookup lookup, int... answer) {
        int[] tokens = tokens(answer);
        lookup.guess(tokens, 1 + answer.length, 1);
        return tokens[1 + answer.length];
    }

    private static int[] tokens(int... answer) {
        int[] tokens = new int[1 + answer.length + 8];
        tokens[0] = START;
        System.arraycopy(answer, 0, tokens, 1, answer.length);
        return tokens;
    }
}
