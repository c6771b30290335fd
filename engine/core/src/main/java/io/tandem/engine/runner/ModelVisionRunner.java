package io.tandem.engine.runner;

import io.tandem.engine.model.Model;
import io.tandem.engine.model.VisionTower;
import io.tandem.engine.ops.Tensor;

/** Runs the vision tower. Its activations make it a thing for one thread at a time. */
final class ModelVisionRunner implements VisionRunner {

    private final Model model;
    private final VisionTower tower;

    ModelVisionRunner(Model model) {
        this.model = model;
        this.tower = model.newVisionTower();
    }

    @Override
    public int imageSize() {
        return tower.imageSize();
    }

    @Override
    public int tokensPerImage() {
        return tower.tokensPerImage();
    }

    @Override
    public int hiddenSize() {
        return tower.hiddenSize();
    }

    @Override
    public float[][] encode(float[][] pixels) {
        Tensor softTokens = tower.encode(pixels);
        float[][] result = new float[pixels.length][tokensPerImage() * hiddenSize()];
        for (int image = 0; image < result.length; image++) {
            model.ops().read(softTokens, image * tokensPerImage(), result[image], 0, tokensPerImage());
        }
        return result;
    }

    @Override
    public void close() {
        tower.close();
    }
}
