package io.tandem.engine.beams;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tandem.engine.InvalidInputException;
import io.tandem.engine.sampling.Logprobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A search over models that are tables of random numbers. */
class BeamSearchTest {

    private static final int VOCABULARY = 40;

    @ParameterizedTest
    @EnumSource(EarlyStopping.class)
    void findsWhatTransformersAlgorithmFinds(EarlyStopping earlyStopping) {
        Random random = new Random(17);
        float[] penalties = {1, 0, -1, 2, 0.5f};
        for (int round = 0; round < 300; round++) {
            int width = 2 + random.nextInt(4);
            BeamParameters parameters = new BeamParameters(
                    width, 1 + random.nextInt(width), penalties[round % penalties.length], earlyStopping);
            int maxTokens = 1 + random.nextInt(12);
            int[] stops = random.ints(0, VOCABULARY)
                    .distinct()
                    .limit(random.nextInt(8))
                    .toArray();
            long model = random.nextLong();
            List<Hypothesis> expected =
                    new NaiveBeamSearch(parameters, maxTokens, stops).run(tokens -> logprobs(model, tokens));
            List<Hypothesis> found = search(new BeamSearch(parameters, maxTokens, stops), model);
            assertEquals(expected.size(), found.size());
            for (int i = 0; i < expected.size(); i++) {
                String what = "round " + round + " answer " + i;
                assertArrayEquals(expected.get(i).tokens(), found.get(i).tokens(), what);
                assertEquals(expected.get(i).score(), found.get(i).score(), what);
                assertEquals(expected.get(i).stopped(), found.get(i).stopped(), what);
            }
        }
    }

    /** Greedy takes token 0, then has only bad ones; the search finds that 1 leads further. */
    @Test
    void aWorseBeginningMayLeadToABetterAnswer() {
        BeamSearch search = new BeamSearch(new BeamParameters(2, 1, 1, EarlyStopping.HEURISTIC), 2);
        search.offer(0, logs(0.6, 0.4, 0));
        assertEquals(true, search.advance());
        assertEquals(2, search.running());
        assertEquals(List.of(0, 1), List.of(search.token(0), search.token(1)));
        assertEquals(List.of(0, 0), List.of(search.origin(0), search.origin(1)));
        search.offer(0, logs(0.4, 0.3, 0.3));
        search.offer(1, logs(0.05, 0.05, 0.9));
        assertEquals(false, search.advance());
        assertArrayEquals(new int[] {1, 2}, search.answers().getFirst().tokens());
        assertEquals(Math.log(0.36) / 2, search.answers().getFirst().score(), 1e-6);
    }

    @Test
    void withoutAnythingToChooseFromThereIsNoAnswer() {
        BeamSearch search = new BeamSearch(new BeamParameters(2, 2, 1, EarlyStopping.HEURISTIC), 5);
        search.offer(0, logs(0, 0, 0));
        assertEquals(false, search.advance());
        assertThrows(IllegalStateException.class, search::answers);
    }

    @Test
    void valuesOutOfRangeAreRefusedByName() {
        assertRefused("best_of", 1, 1, 1);
        assertRefused("n", 4, 5, 1);
        assertRefused("n", 4, 0, 1);
        assertRefused("length_penalty", 4, 2, 11);
        assertRefused("length_penalty", 4, 2, Float.NaN);
    }

    private static void assertRefused(String field, int width, int answers, float lengthPenalty) {
        InvalidInputException refusal = assertThrows(
                InvalidInputException.class,
                () -> new BeamParameters(width, answers, lengthPenalty, EarlyStopping.HEURISTIC));
        assertEquals(field, refusal.field());
    }

    private static List<Hypothesis> search(BeamSearch search, long model) {
        List<List<Integer>> beams = List.of(List.of());
        boolean goesOn = true;
        while (goesOn) {
            for (int beam = 0; beam < search.running(); beam++) {
                search.offer(beam, logprobs(model, beams.get(beam)));
            }
            goesOn = search.advance();
            List<List<Integer>> next = new ArrayList<>();
            for (int beam = 0; beam < search.running(); beam++) {
                List<Integer> tokens = new ArrayList<>(beams.get(search.origin(beam)));
                tokens.add(search.token(beam));
                next.add(tokens);
            }
            beams = next;
        }
        return search.answers();
    }

    private static float[] logprobs(long model, List<Integer> tokens) {
        Random random = new Random(model ^ (31L * tokens.hashCode()));
        float[] logits = new float[VOCABULARY];
        for (int id = 0; id < VOCABULARY; id++) {
            logits[id] = (float) (2 * random.nextGaussian());
        }
        Logprobs.normalise(logits);
        return logits;
    }

    private static float[] logs(double... probabilities) {
        float[] logs = new float[probabilities.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = (float) Math.log(probabilities[i]);
        }
        return logs;
    }
}
