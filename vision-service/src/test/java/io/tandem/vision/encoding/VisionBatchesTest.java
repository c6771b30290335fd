package io.tandem.vision.encoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.engine.image.PreparedImage;
import io.tandem.engine.runner.VisionRunner;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VisionBatchesTest {

    /** Answers each view with its first value and its place in the batch. */
    private static final class NumberingRunner implements VisionRunner {
        @Override
        public int imageSize() {
            return 1;
        }

        @Override
        public int tokensPerImage() {
            return 1;
        }

        @Override
        public int hiddenSize() {
            return 2;
        }

        @Override
        public float[][] encode(float[][] pixels) {
            float[][] softTokens = new float[pixels.length][];
            for (int view = 0; view < pixels.length; view++) {
                softTokens[view] = new float[] {pixels[view][0], view};
            }
            return softTokens;
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    @Test
    void everyPictureGetsTheSoftTokensOfItsOwnViews() {
        try (VisionBatches batches = new VisionBatches(new NumberingRunner())) {
            PreparedImage whole = picture(10);
            PreparedImage withCrops = picture(20, 21, 22);
            PreparedImage another = picture(30);
            assertEquals(3, batches.weight(withCrops));

            List<float[][]> results = batches.run(List.of(whole, withCrops, another));
            assertEquals(3, results.size());
            assertArrayEquals(new float[][] {{10, 0}}, results.get(0));
            assertArrayEquals(new float[][] {{20, 1}, {21, 2}, {22, 3}}, results.get(1));
            assertArrayEquals(new float[][] {{30, 4}}, results.get(2));
        }
    }

    private static PreparedImage picture(float... firstValues) {
        return new PreparedImage(IntStream.range(0, firstValues.length)
                .mapToObj(view -> new float[] {firstValues[view]})
                .toList());
    }
}
