package io.tandem.vision.encoding;

import io.tandem.engine.image.PreparedImage;
import io.tandem.engine.runner.VisionRunner;
import io.tandem.runtime.batching.BatchRunner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gives the tower the views of several pictures at once. A result is the soft tokens of each view of one picture,
 * {@code [views][tokensPerImage * hiddenSize]}. For one thread at a time, as its runner is.
 */
public final class VisionBatches implements BatchRunner<PreparedImage, float[][]> {

    private final VisionRunner runner;

    /** @param runner belongs to this object from now on */
    public VisionBatches(VisionRunner runner) {
        this.runner = runner;
    }

    @Override
    public int weight(PreparedImage picture) {
        return picture.views().size();
    }

    @Override
    public List<float[][]> run(List<PreparedImage> pictures) {
        float[][] pixels =
                pictures.stream().flatMap(picture -> picture.views().stream()).toArray(float[][]::new);
        float[][] softTokens = runner.encode(pixels);
        List<float[][]> results = new ArrayList<>();
        int view = 0;
        for (PreparedImage picture : pictures) {
            results.add(Arrays.copyOfRange(softTokens, view, view + weight(picture)));
            view += weight(picture);
        }
        return results;
    }

    @Override
    public void close() {
        runner.close();
    }
}
