package io.tandem.engine.speculation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GuessPaceTest {

    private static final int MOST = 8;
    private static final GuessPace.Step CHEAP = alone(StepPrices.linear(0.08, 1 + MOST));
    private static final GuessPace.Step DEAR = alone(StepPrices.linear(0.4, 1 + MOST));

    @Test
    void aCopyIsSoonGuessedAsFarAsMayBe() {
        GuessPace pace = new GuessPace(new GuessRates());
        int first = pace.worth(MOST, 1, CHEAP);
        assertTrue(first >= 1 && first < MOST, first + " guesses at first");
        for (int i = 0; i < 2; i++) {
            pace.verified(4, 3, 4);
        }
        assertEquals(MOST, pace.worth(MOST, 3, CHEAP));
        assertEquals(5, pace.worth(5, 3, CHEAP), "never more than were found");
    }

    @Test
    void longerMatchesAreTrustedMore() {
        GuessPace pace = new GuessPace(new GuessRates());
        assertEquals(0, pace.worth(MOST, 1, DEAR));
        assertTrue(pace.worth(MOST, 3, DEAR) > 0);
        assertTrue(pace.worth(MOST, 3, CHEAP) > pace.worth(MOST, 1, CHEAP));
    }

    @Test
    void guessesStopWhereTheNextOneCostsMoreThanItBrings() {
        GuessPace pace = new GuessPace(new GuessRates());
        for (int i = 0; i < 10; i++) {
            pace.verified(MOST, 3, MOST);
        }
        assertEquals(7, pace.worth(MOST, 3, alone(StepPrices.of(1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 3.4))));
        assertEquals(0, pace.worth(MOST, 3, alone(StepPrices.linear(0.7, 1 + MOST))), "not even if all were right");
        assertEquals(MOST, pace.worth(MOST, 3, alone(StepPrices.linear(0, 1 + MOST))), "all that are free");
        assertEquals(0, pace.worth(0, 0, CHEAP));
    }

    @Test
    void aStepOfManyAnswersHasLessToGiveAway() {
        GuessPace pace = new GuessPace(new GuessRates());
        StepPrices prices = StepPrices.linear(0.3, 20);
        assertTrue(pace.worth(4, 3, new GuessPace.Step(prices, 1, 1)) > 0);
        // Eight answers share a step of three times the price: a row more costs what two thirds of a token take.
        assertEquals(0, pace.worth(4, 2, new GuessPace.Step(prices, 8, 8)));
    }

    @Test
    void anAnswerThatCopiesNothingPaysForNothing() {
        for (GuessPace.Step step : new GuessPace.Step[] {CHEAP, DEAR}) {
            GuessRates rates = new GuessRates();
            double lost = lost(rates, step, 1, 200);
            assertTrue(lost / 200 < 0.03, lost + " steps lost by the first answer");
            lost = lost(rates, step, 300, 30);
            assertTrue(lost / (300 * 30) < 0.02, lost + " steps lost by those after it");
        }
    }

    /** Time that guesses take which are all wrong, in steps. */
    private static double lost(GuessRates rates, GuessPace.Step step, int answers, int tokens) {
        double lost = 0;
        for (int answer = 0; answer < answers; answer++) {
            GuessPace pace = new GuessPace(rates);
            for (int token = 0; token < tokens; token++) {
                int match = 1 + token % 3;
                int guesses = pace.worth(MOST, match, step);
                lost += step.prices().step(1 + guesses) - 1;
                if (guesses > 0) {
                    pace.verified(guesses, match, 0);
                }
            }
        }
        return lost;
    }

    @Test
    void whatOneAnswerLearnsTheNextOneBeginsWith() {
        GuessRates rates = new GuessRates();
        for (int answer = 0; answer < 200; answer++) {
            new GuessPace(rates).verified(2, 1, 0);
        }
        assertEquals(0, new GuessPace(rates).worth(MOST, 1, CHEAP));
        assertTrue(new GuessPace(rates).worth(MOST, 3, CHEAP) > 0, "of longer matches nothing was learned");
    }

    @Test
    void whatIsNotTriedIsTriedAgainInTheEnd() {
        GuessRates rates = new GuessRates();
        lost(rates, CHEAP, 20, 30);
        GuessPace pace = new GuessPace(rates);
        int passed = 0;
        while (pace.worth(MOST, 2, CHEAP) == 0) {
            assertTrue(++passed < 1000, "never tried again");
        }
    }

    @Test
    void pricesAreRelativeAndMustBePositive() {
        StepPrices prices = StepPrices.of(4, 6, 5);
        assertEquals(3, prices.mostRows());
        assertEquals(1, prices.step(1));
        assertEquals(1.5, prices.step(2));
        assertEquals(1.25, prices.step(3));
        assertThrows(IllegalArgumentException.class, () -> StepPrices.of(1, 0));
        assertThrows(IllegalArgumentException.class, () -> StepPrices.of(Double.NaN));
    }

    private static GuessPace.Step alone(StepPrices prices) {
        return new GuessPace.Step(prices, 1, 1);
    }
}
