package io.tandem.engine.model;

import io.tandem.engine.config.VisionConfig;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.RmsNorm;
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

    /**
     * What all passes use.
     *
     * @param piece activations of the piece that is being computed
     * @param pool activations of open passes
     */
    record Parts(Ops ops, Weights weights, PassWork work, VisionScratch piece, WholeRows.Pool pool) {}

    private final Parts parts;
    private Trace trace = Trace.NONE;

    VisionTower(Ops ops, Weights weights) {
        VisionConfig config = weights.config();
        int width = config.hiddenSize();
        int headDim = width / config.heads();
        AttentionShape shape =
                new AttentionShape(config.heads(), config.heads(), headDim, (float) (1 / Math.sqrt(headDim)));
        VisionScratch piece =
                new VisionScratch(ops, config, weights.projection().outputs());
        this.parts = new Parts(
                ops, weights, work(config, piece.patches.patchValues()), piece, new WholeRows.Pool(ops, width, shape));
    }

    private static PassWork work(VisionConfig config, int patchValues) {
        long width = config.hiddenSize();
        int[] windows = new int[config.layers()];
        Arrays.fill(windows, Integer.MAX_VALUE);
        return new PassWork(
                width * patchValues,
                2 * width * width,
                2 * PassWork.MOVE * width,
                2 * width * width + 2 * width * config.intermediateSize(),
                2 * width,
                PassWork.MOVE * width,
                windows);
    }

    /** Lets {@code observer} see the states of the passes to come. */
    public void trace(Trace observer) {
        trace = observer;
    }

    /** Pixels a side of the image. */
    public int imageSize() {
        return parts.weights().config().imageSize();
    }

    /** Soft tokens an image becomes. */
    public int tokensPerImage() {
        return parts.weights().tokensPerImage();
    }

    /** Values of a soft token. */
    public int hiddenSize() {
        return parts.weights().projection().outputs();
    }

    /**
     * A pass that turns images into soft tokens; nothing is computed yet. To be closed before the tower.
     *
     * @param images for each, channel-first normalised pixels [3, side, side]
     */
    public VisionPass begin(float[]... images) {
        return new VisionPass(parts, images, trace);
    }

    /** Gives back the activations; the weights belong to whoever loaded them. */
    @Override
    public void close() {
        parts.piece().close();
        parts.pool().close();
    }
}
