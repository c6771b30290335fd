package io.tandem.engine.speculation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GuessPaceTest {

    @Test
    void rightGuessesMakeForMoreAndWrongOnesForFewer() {
        GuessPace pace = new GuessPace(8);
        assertEquals(4, pace.limit());
        pace.verified(4, 4);
        assertEquals(8, pace.limit());
        pace.verified(8, 8);
        assertEquals(8, pace.limit(), "never more than asked for");
        pace.verified(8, 2);
        assertEquals(3, pace.limit());
        pace.verified(3, 0);
        assertEquals(1, pace.limit());
    }

    @Test
    void anAnswerThatCopiesNothingGuessesLessAndLess() {
        GuessPace pace = new GuessPace(8);
        int guessed = 0;
        for (int step = 0; step < 1000; step++) {
            int limit = pace.limit();
            guessed += limit;
            if (limit > 0) {
                pace.verified(limit, 0);
            }
        }
        assertTrue(guessed < 20, guessed + " guesses in 1000 steps");
        assertTrue(guessed > 8, "it tries again now and then");
    }

    @Test
    void aPauseEndsAndARightGuessMakesTheNextOneShortAgain() {
        GuessPace pace = new GuessPace(8);
        assertEquals(4, failUntilPause(pace));
        assertEquals(8, failUntilPause(pace));
        assertEquals(16, failUntilPause(pace));
        pace.limit();
        pace.verified(1, 1);
        assertEquals(2, pace.limit());
        assertEquals(4, failUntilPause(pace));
    }

    @Test
    void noneAreGuessedWhereNoneAreAllowed() {
        assertEquals(0, new GuessPace(0).limit());
        assertThrows(IllegalArgumentException.class, () -> new GuessPace(-1));
    }

    /** Steps of the pause that failing leads to. */
    private static int failUntilPause(GuessPace pace) {
        int tries = 0;
        do {
            pace.verified(2, 0);
            assertTrue(++tries < 10, "no pause");
        } while (pause(pace) == 0);
        return lastPause;
    }

    private static int lastPause;

    private static int pause(GuessPace pace) {
        lastPause = 0;
        while (pace.limit() == 0) {
            lastPause++;
        }
        return lastPause;
    }
}
