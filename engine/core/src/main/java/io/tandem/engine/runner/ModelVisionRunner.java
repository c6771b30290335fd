package io.tandem.engine.runner;

import io.tandem.engine.model.Model;
import io.tandem.engine.model.VisionPass;
import io.tandem.engine.model.VisionTower;

/** Runs the vision tower. Its activations make it a thing for one thread at a time. */
final class ModelVisionRunner implements VisionRunner {

    private final Model model;
    private final VisionTower tower;
    private final Slices slices;

    ModelVisionRunner(Model model, ComputeTurns turns) {
        this.model = model;
        this.tower = model.newVisionTower();
        this.slices = new Slices(turns, ComputeTurns.Role.VISION);
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
        try (VisionPass pass = tower.begin(pixels)) {
            while (!pass.done()) {
                slices.advance(pass);
            }
            float[][] result = new float[pixels.length][tokensPerImage() * hiddenSize()];
            for (int image = 0; image < result.length; image++) {
                model.ops().read(pass.softTokens(), image * tokensPerImage(), result[image], 0, tokensPerImage());
            }
            return result;
        }
    }

    @Override
    public void close() {
        tower.close();
    }
}
