package io.tandem.engine.model;

import io.tandem.engine.config.VisionConfig;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Patches;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.RmsNorm;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import java.util.Arrays;
import java.util.List;

/**
 * SigLIP (arXiv 2303.15343) without its pooling head, and Gemma 3's projector to soft tokens.
 *
 * <p>Weights are immutable; the activations belong to the one thread that runs passes.
 */
public final class VisionTower implements AutoCloseable {

    /**
     * What was loaded.
     *
     * @param config dimensions
     * @param patchEmbedding the patch convolution as a matrix [d, 3 * patch * patch]; its bias is in the epilogue
     * @param positions learned position embedding [patches, d]
     * @param layers in order
     * @param norm after the last layer
     * @param projectorNorm before the projection
     * @param projection [text d, d]
     * @param tokensPerImage soft tokens that an image becomes
     */
    record Weights(
            VisionConfig config,
            VisionLayer.Linear patchEmbedding,
            Tensor positions,
            List<VisionLayer> layers,
            LayerNorm norm,
            RmsNorm projectorNorm,
            Weight projection,
            int tokensPerImage) {

        Weights {
            layers = List.copyOf(layers);
        }
    }

    private final Ops ops;
    private final Weights weights;
    private final Patches patches;
    private final AttentionShape shape;
    private final Tensor pixels; // [images, 3 * side * side]
    private final Tensor patchValues; // [images * patches, 3 * patch * patch]
    private final Tensor states; // [images * patches, d]
    private final Tensor normalised; // [images * patches, d]
    private final Tensor q; // [images * patches, d]
    private final Tensor k; // [images * patches, d]
    private final Tensor v; // [images * patches, d]
    private final Tensor attended; // [images * patches, d]
    private final Tensor wide; // [images * patches, f]
    private final Tensor pooled; // [images * tokensPerImage, d]
    private final Tensor softTokens; // [images * tokensPerImage, text d]
    private Trace trace = Trace.NONE;

    VisionTower(Ops ops, Weights weights) {
        VisionConfig config = weights.config();
        int width = config.hiddenSize();
        int headDim = width / config.heads();
        this.ops = ops;
        this.weights = weights;
        this.patches = new Patches(config.channels(), config.patchSize(), config.patchesPerSide());
        this.shape = new AttentionShape(config.heads(), config.heads(), headDim, (float) (1 / Math.sqrt(headDim)));
        this.pixels = ops.tensor(0, config.channels() * patches.side() * patches.side());
        this.patchValues = ops.tensor(0, patches.patchValues());
        this.states = ops.tensor(0, width);
        this.normalised = ops.tensor(0, width);
        this.q = ops.tensor(0, width);
        this.k = ops.tensor(0, width);
        this.v = ops.tensor(0, width);
        this.attended = ops.tensor(0, width);
        this.wide = ops.tensor(0, config.intermediateSize());
        this.pooled = ops.tensor(0, width);
        this.softTokens = ops.tensor(0, weights.projection().outputs());
    }

    /** Lets {@code observer} see the states of the passes to come. */
    public void trace(Trace observer) {
        trace = observer;
    }

    /** Pixels a side of the image. */
    public int imageSize() {
        return weights.config().imageSize();
    }

    /** Soft tokens an image becomes. */
    public int tokensPerImage() {
        return weights.tokensPerImage();
    }

    /** Values of a soft token. */
    public int hiddenSize() {
        return softTokens.columns();
    }

    /**
     * Turns images into soft tokens.
     *
     * @param images for each, channel-first normalised pixels [3, side, side]
     * @return [images * tokensPerImage, text d], valid until the next pass
     */
    public Tensor encode(float[]... images) {
        embed(images);
        trace.embedded(states);
        int[] lengths = new int[images.length];
        Arrays.fill(lengths, patches.patchesPerImage());
        Segments segments = new Segments(lengths);
        for (int i = 0; i < weights.layers().size(); i++) {
            VisionLayer layer = weights.layers().get(i);
            attend(layer, segments);
            ops.layerNorm(states, layer.mlpNorm(), normalised);
            multiply(normalised, layer.up(), wide);
            multiply(wide, layer.down(), states);
            trace.layer(i, states);
        }
        ops.layerNorm(states, weights.norm(), states);
        trace.normalised(states);
        project();
        return softTokens;
    }

    /** {@code states = patches * convolution + bias + positions}. */
    private void embed(float[][] images) {
        int rows = images.length * patches.patchesPerImage();
        pixels.resize(images.length);
        for (Tensor tensor : List.of(patchValues, states, normalised, q, k, v, attended, wide)) {
            tensor.resize(rows);
        }
        for (int image = 0; image < images.length; image++) {
            ops.write(pixels, image, images[image], 0, 1);
            ops.copyRows(weights.positions(), 0, states, image * patches.patchesPerImage(), patches.patchesPerImage());
        }
        ops.patchify(pixels, patches, patchValues);
        multiply(patchValues, weights.patchEmbedding(), states);
    }

    private void attend(VisionLayer layer, Segments segments) {
        ops.layerNorm(states, layer.attentionNorm(), normalised);
        multiply(normalised, layer.q(), q);
        multiply(normalised, layer.k(), k);
        multiply(normalised, layer.v(), v);
        ops.selfAttention(new SelfAttention(shape, segments, Reach.ALL, q, k, v), attended);
        multiply(attended, layer.out(), states);
    }

    private void project() {
        int images = states.rows() / patches.patchesPerImage();
        pooled.resize(images * tokensPerImage());
        softTokens.resize(images * tokensPerImage());
        int kernel = patches.patchesPerSide() / (int) Math.round(Math.sqrt(tokensPerImage()));
        ops.averagePool(states, patches.patchesPerSide(), kernel, pooled);
        ops.rmsNorm(pooled, weights.projectorNorm(), pooled);
        ops.matmul(pooled, weights.projection(), Epilogue.NONE, softTokens);
    }

    private void multiply(Tensor x, VisionLayer.Linear linear, Tensor dst) {
        ops.matmul(x, linear.weight(), linear.epilogue(), dst);
    }

    /** Gives back the activations; the weights belong to whoever loaded them. */
    @Override
    public void close() {
        for (Tensor tensor :
                List.of(pixels, patchValues, states, normalised, q, k, v, attended, wide, pooled, softTokens)) {
            tensor.close();
        }
    }
}
