package io.tandem.engine.model;

import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.Tensor;
import java.util.Arrays;

/** A pass of images through the vision tower. Mutable; used by the tower's thread. */
public final class VisionPass extends LayerPass {

    private final Ops ops;
    private final VisionTower.Weights weights;
    private final VisionScratch piece;
    private final float[][] images;

    VisionPass(VisionTower.Parts parts, float[][] images, Trace trace) {
        super(segments(parts, images.length), parts.pool(), parts.work(), trace);
        this.ops = parts.ops();
        this.weights = parts.weights();
        this.piece = parts.piece();
        this.images = images;
    }

    private static Segments segments(VisionTower.Parts parts, int images) {
        int[] lengths = new int[images];
        Arrays.fill(lengths, parts.piece().patches.patchesPerImage());
        return new Segments(lengths);
    }

    /** When the pass is done: soft tokens [images * tokensPerImage, text d], valid until the next pass of the tower. */
    public Tensor softTokens() {
        return piece.softTokens;
    }

    @Override
    Ops ops() {
        return ops;
    }

    @Override
    int embeddedTogether() {
        return piece.patches.patchesPerImage();
    }

    /** One image: {@code states = patches * convolution + bias + positions}. */
    @Override
    void embed(int from, int count) {
        piece.pixels.resize(1);
        piece.patchValues.resize(count);
        piece.embedded.resize(count);
        ops.write(piece.pixels, 0, images[from / count], 0, 1);
        ops.copyRows(weights.positions(), 0, piece.embedded, 0, count);
        ops.patchify(piece.pixels, piece.patches, piece.patchValues);
        multiply(piece.patchValues, weights.patchEmbedding(), piece.embedded);
        ops.copyRows(piece.embedded, 0, whole().states, from, count);
    }

    @Override
    void keys(int layer, int from, int count) {
        VisionLayer linear = weights.layers().get(layer);
        fetchNormalised(linear.attentionNorm(), from, count);
        multiply(piece.normalised, linear.k(), piece.q);
        ops.copyRows(piece.q, 0, whole().k, from, count);
        multiply(piece.normalised, linear.v(), piece.q);
        ops.copyRows(piece.q, 0, whole().v, from, count);
    }

    @Override
    void attend(int layer, int from, int count) {
        VisionLayer linear = weights.layers().get(layer);
        fetchNormalised(linear.attentionNorm(), from, count);
        multiply(piece.normalised, linear.q(), piece.q);
        ops.selfAttention(new SelfAttention(whole().kv, Reach.ALL, from, piece.q), piece.attended);
        multiply(piece.attended, linear.out(), piece.states);
        ops.layerNorm(piece.states, linear.mlpNorm(), piece.normalised);
        multiply(piece.normalised, linear.up(), piece.wide);
        multiply(piece.wide, linear.down(), piece.states);
        ops.copyRows(piece.states, 0, whole().states, from, count);
    }

    private void fetchNormalised(LayerNorm norm, int from, int count) {
        piece.resize(count);
        ops.copyRows(whole().states, from, piece.states, 0, count);
        ops.layerNorm(piece.states, norm, piece.normalised);
    }

    @Override
    void normalise(int from, int count) {
        fetchNormalised(weights.norm(), from, count);
        ops.copyRows(piece.normalised, 0, whole().states, from, count);
    }

    /** Pools the patches of each image and projects what comes out. */
    @Override
    void finish() {
        int tokens = weights.tokensPerImage();
        int side = piece.patches.patchesPerSide();
        int kernel = side / (int) Math.round(Math.sqrt(tokens));
        piece.pooled.resize(images.length * tokens);
        piece.softTokens.resize(images.length * tokens);
        ops.averagePool(whole().states, side, kernel, piece.pooled);
        ops.rmsNorm(piece.pooled, weights.projectorNorm(), piece.pooled);
        ops.matmul(piece.pooled, weights.projection(), Epilogue.NONE, piece.softTokens);
    }

    private void multiply(Tensor x, VisionLayer.Linear linear, Tensor dst) {
        ops.matmul(x, linear.weight(), linear.epilogue(), dst);
    }
}
