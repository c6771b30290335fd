package io.tandem.engine.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.InvalidInputException;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

    private static final int VOCABULARY = 40;
    private static final int DRAWS = 20_000;

    @Test
    void greedyTakesTheLowestIdAmongTheGreatest() {
        float[] logits = {-3, 2.5f, 7, 7, -1};
        Sampler sampler = new Sampler(logits.length);
        assertEquals(2, sampler.sample(logits, SamplingParameters.GREEDY, 0));
        assertEquals(2, sampler.sample(logits, new SamplingParameters(9e-6f, 1, 0, 0, 1), 5));
        assertEquals(2, sampler.sample(logits, new SamplingParameters(1, 1e-9f, 0, 0, 1), 5));
    }

    @Test
    void drawsFollowTheDistributionOfTheNaiveVersion() {
        Random random = new Random(11);
        SamplingParameters[] settings = {
            new SamplingParameters(1, 1, 0, 0, 1),
            new SamplingParameters(0.7f, 1, 0, 0, 2),
            new SamplingParameters(1.5f, 0.8f, 0, 0, 3),
            new SamplingParameters(1, 1, 5, 0, 4),
            new SamplingParameters(1, 1, 0, 0.1f, 5),
            new SamplingParameters(1.2f, 0.9f, 12, 0.05f, 6),
            new SamplingParameters(2, 0.5f, 39, 0.01f, 7),
        };
        Sampler sampler = new Sampler(VOCABULARY);
        for (SamplingParameters parameters : settings) {
            float[] logits = logits(random, VOCABULARY);
            double[] expected = NaiveSampler.distribution(logits, parameters);
            int[] drawn = new int[VOCABULARY];
            for (int position = 0; position < DRAWS; position++) {
                drawn[sampler.sample(logits, parameters, position)]++;
            }
            for (int id = 0; id < VOCABULARY; id++) {
                // Five standard deviations, and nothing at all where the probability is zero.
                double tolerance = 5 * Math.sqrt(expected[id] * (1 - expected[id]) * DRAWS);
                assertEquals(expected[id] * DRAWS, drawn[id], tolerance, parameters + " token " + id);
            }
        }
    }

    @Test
    void aLargeVocabularyHasTheNaiveVersionsSupport() {
        Random random = new Random(12);
        int vocabulary = 50_000;
        Sampler sampler = new Sampler(vocabulary);
        for (SamplingParameters parameters : new SamplingParameters[] {
            new SamplingParameters(1, 0.95f, 0, 0, 8),
            new SamplingParameters(0.3f, 1, 64, 0, 9),
            new SamplingParameters(1, 0.3f, 1000, 0.2f, 10),
        }) {
            float[] logits = logits(random, vocabulary);
            double[] expected = NaiveSampler.distribution(logits, parameters);
            for (int position = 0; position < 200; position++) {
                int id = sampler.sample(logits, parameters, position);
                assertTrue(expected[id] > 0, () -> parameters + " drew " + id);
            }
        }
    }

    @Test
    void tiesAtTheBorderAreKeptByTopKAndCutByIdByTopP() {
        float[] logits = {1, 3, 1, 1, 0};
        assertEquals(support(logits, new SamplingParameters(1, 1, 2, 0, 1)), "[0, 1, 2, 3]");
        double best = NaiveSampler.distribution(logits, new SamplingParameters(1, 1, 0, 0, 1))[1];
        assertEquals(support(logits, new SamplingParameters(1, (float) best + 0.01f, 0, 0, 1)), "[0, 1]");
        assertEquals(support(new float[8], new SamplingParameters(1, 0.5f, 0, 0, 1)), "[0, 1, 2, 3]");
        assertEquals(support(new float[] {0f, -0f, -1}, new SamplingParameters(1, 1, 1, 0, 1)), "[0, 1]");
    }

    @Test
    void aDrawDependsOnSeedAndPositionOnly() {
        Random random = new Random(13);
        float[] logits = logits(random, VOCABULARY);
        SamplingParameters parameters = new SamplingParameters(1, 0.9f, 20, 0, 77);
        int[] inOrder = IntStream.range(0, 100)
                .map(position -> new Sampler(VOCABULARY).sample(logits, parameters, position))
                .toArray();
        Sampler shared = new Sampler(VOCABULARY);
        for (int position = 99; position >= 0; position--) {
            assertEquals(inOrder[position], shared.sample(logits, parameters, position));
            shared.sample(logits(random, VOCABULARY), new SamplingParameters(2, 1, 0, 0, position), position);
        }
        SamplingParameters otherSeed = new SamplingParameters(1, 0.9f, 20, 0, 78);
        long same = IntStream.range(0, 100)
                .filter(position -> shared.sample(logits, otherSeed, position) == inOrder[position])
                .count();
        assertTrue(same < 60, () -> "seeds 77 and 78 agree on " + same + " of 100 draws");
    }

    @Test
    void uniformNumbersFillTheUnitIntervalEvenly() {
        int[] histogram = new int[16];
        for (int seed = 0; seed < 40; seed++) {
            for (int position = 0; position < 400; position++) {
                histogram[(int) (16 * CounterRandom.uniform(seed, position))]++;
            }
        }
        double chiSquare = DoubleStream.of(
                        IntStream.of(histogram).asDoubleStream().toArray())
                .map(count -> (count - 1000) * (count - 1000) / 1000)
                .sum();
        // 15 degrees of freedom: 37.7 is passed with probability 0.001.
        assertTrue(chiSquare < 37.7, () -> "chi square " + chiSquare);
    }

    @Test
    void logitsThatAreNotFiniteAreRefused() {
        Sampler sampler = new Sampler(3);
        SamplingParameters parameters = new SamplingParameters(1, 1, 0, 0, 1);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] logits = {0, 1, bad};
            assertThrows(IllegalStateException.class, () -> sampler.sample(logits, parameters, 0));
        }
        float none = Float.NEGATIVE_INFINITY;
        assertThrows(IllegalStateException.class, () -> sampler.sample(new float[] {none, none, none}, parameters, 0));
        assertEquals(1, sampler.sample(new float[] {none, 4, none}, parameters, 0));
    }

    @Test
    void parametersOutOfRangeAreRefusedByName() {
        assertRefused("temperature", -0.1f, 1, 0, 0);
        assertRefused("temperature", Float.NaN, 1, 0, 0);
        assertRefused("top_p", 1, 0, 0, 0);
        assertRefused("top_p", 1, 1.01f, 0, 0);
        assertRefused("top_k", 1, 1, -1, 0);
        assertRefused("min_p", 1, 1, 0, 1.5f);
    }

    private static void assertRefused(String field, float temperature, float topP, int topK, float minP) {
        InvalidInputException refusal = assertThrows(
                InvalidInputException.class, () -> new SamplingParameters(temperature, topP, topK, minP, 0));
        assertEquals(field, refusal.field());
    }

    private static String support(float[] logits, SamplingParameters parameters) {
        Sampler sampler = new Sampler(logits.length);
        return IntStream.range(0, 2000)
                .map(position -> sampler.sample(logits, parameters, position))
                .distinct()
                .sorted()
                .boxed()
                .toList()
                .toString();
    }

    private static float[] logits(Random random, int vocabulary) {
        float[] logits = new float[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            logits[id] = (float) (2 * random.nextGaussian());
        }
        return logits;
    }
}
