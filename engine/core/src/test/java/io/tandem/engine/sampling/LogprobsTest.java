package io.tandem.engine.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogprobsTest {

    @Test
    void areLogSoftmaxOfTheLogits() {
        TokenLogprobs found =
                new Logprobs().of(new float[] {(float) Math.log(1), (float) Math.log(5), (float) Math.log(2)}, 0, 2);
        assertEquals(Math.log(1 / 8.0), found.logprob(), 1e-6);
        assertArrayEquals(new int[] {1, 2}, found.top());
        assertArrayEquals(
                new float[] {(float) Math.log(5 / 8.0), (float) Math.log(2 / 8.0)}, found.topLogprobs(), 1e-6f);
    }

    @Test
    void largeLogitsDoNotOverflow() {
        TokenLogprobs found = new Logprobs().of(new float[] {3e4f, -3e4f, 3e4f}, 1, 1);
        assertEquals(-6e4 - Math.log(2), found.logprob(), 0.01);
        assertEquals(-Math.log(2), found.topLogprobs()[0], 1e-6);
    }

    @Test
    void theBestAreThoseOfASortWhateverWasLookedForBefore() {
        Random random = new Random(5);
        Logprobs logprobs = new Logprobs();
        for (int round = 0; round < 100; round++) {
            float[] logits = new float[1 + random.nextInt(200)];
            for (int id = 0; id < logits.length; id++) {
                // Coarse, so that many are equal.
                logits[id] = Math.round(3 * random.nextGaussian());
            }
            int count = random.nextInt(21);
            int[] expected = IntStream.range(0, logits.length)
                    .boxed()
                    .sorted(Comparator.<Integer>comparingDouble(id -> -logits[id])
                            .thenComparing(id -> id))
                    .limit(count)
                    .mapToInt(Integer::intValue)
                    .toArray();
            assertArrayEquals(expected, logprobs.of(logits, 0, count).top());
        }
    }
}
