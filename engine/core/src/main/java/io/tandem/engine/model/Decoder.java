package io.tandem.engine.model;

import io.tandem.engine.config.TextConfig;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The causal decoder with merged attention (arXiv 2512.14856, section 2): each layer sees its own tokens and all encoder states
 * through one softmax.
 *
 * <p>Weights are immutable; the activations belong to the one thread that runs steps.
 */
public final class Decoder implements AutoCloseable {

    private final Ops ops;
    private final TextStack stack;
    private final KvPages pages;
    private final List<MergedAttention> attentions;
    private final TextScratch scratch;
    private final Tensor asked; // [predictions, d]
    private Trace trace = Trace.NONE;

    Decoder(Ops ops, TextStack stack, KvPages pages) {
        this.ops = ops;
        this.stack = stack;
        this.pages = pages;
        this.attentions = new ArrayList<>();
        for (int i = 0; i < stack.layers().size(); i++) {
            TextLayer layer = stack.layers().get(i);
            TextLayer.Attention attention = layer.attention();
            attentions.add(new MergedAttention(i, attention.shape(), layer.window(), pages, attention.absorption()));
        }
        this.scratch = new TextScratch(ops, stack.config());
        this.asked = ops.tensor(0, stack.config().hiddenSize());
    }

    /** Lets {@code trace} see the states of the steps to come. */
    public void trace(Trace observer) {
        trace = observer;
    }

    /** Sizes of keys and values over all layers. */
    static KvShape kvShape(TextConfig config) {
        return new KvShape(config.layers(), config.kvHeads(), config.headDim());
    }

    /**
     * Runs one step: stores keys and values of all rows, then predicts the tokens after some of them.
     *
     * @param tokens [rows]; entries beyond the rows are not read
     * @param rows the sequence and position of each token, positions of a sequence ascending
     * @param predictions the rows that are asked, and where the answers go
     */
    public void step(int[] tokens, DecoderRows rows, Predictions predictions) {
        scratch.resize(rows.count());
        ops.embed(stack.embedding(), tokens, scratch.states);
        trace.embedded(scratch.states);
        for (int i = 0; i < stack.layers().size(); i++) {
            TextLayer layer = stack.layers().get(i);
            attend(layer, attentions.get(i), rows);
            Feedforward.apply(ops, layer, scratch);
            trace.layer(i, scratch.states);
        }
        if (trace != Trace.NONE) {
            ops.rmsNorm(scratch.states, stack.norm(), scratch.normalised);
            trace.normalised(scratch.normalised);
        }
        predict(predictions);
    }

    /** {@code states += post_attn_norm(attention(pre_attn_norm(states)))}. */
    private void attend(TextLayer layer, MergedAttention merged, DecoderRows rows) {
        TextLayer.Attention attention = layer.attention();
        ops.rmsNorm(scratch.states, layer.preAttention(), scratch.normalised);
        ops.matmul(scratch.normalised, attention.q(), Epilogue.NONE, scratch.q);
        ops.matmul(scratch.normalised, attention.k(), Epilogue.NONE, scratch.k);
        ops.matmul(scratch.normalised, attention.v(), Epilogue.NONE, scratch.v);
        ops.headNormRope(scratch.q, attention.qNorm(), attention.rope(), rows.positions());
        ops.headNormRope(scratch.k, attention.kNorm(), attention.rope(), rows.positions());
        ops.storeSelf(pages, merged.layer(), rows, scratch.k, scratch.v);
        ops.mergedAttention(merged, rows, scratch.q, scratch.attended);
        ops.matmul(scratch.attended, attention.o(), Epilogue.NONE, scratch.added);
        ops.addRmsNorm(scratch.states, scratch.added, layer.postAttention());
    }

    /** Only the rows that are asked go through the largest product of all, and without it where nobody reads its logits. */
    private void predict(Predictions predictions) {
        if (predictions.count() == 0) {
            return;
        }
        asked.resize(predictions.count());
        for (int i = 0; i < predictions.count(); i++) {
            ops.copyRows(scratch.states, predictions.row(i), asked, i, 1);
        }
        ops.rmsNorm(asked, stack.norm(), asked);
        // Capped logits are compared as they are rounded: two that differ before the cap may be equals after it.
        if (predictions.distributions()
                || stack.config().finalLogitSoftcapping().isPresent()) {
            findDistributions(predictions);
        } else {
            ops.argmaxProduct(asked, stack.embedding().table(), predictions.best());
        }
    }

    private void findDistributions(Predictions predictions) {
        Tensor logits = predictions.logits();
        logits.resize(predictions.count());
        ops.matmul(asked, stack.embedding().table(), Epilogue.NONE, logits);
        stack.config().finalLogitSoftcapping().ifPresent(cap -> ops.softcap(logits, (float) cap));
        ops.argmax(logits, predictions.best());
    }

    /** Gives back activations and pages; the weights belong to whoever loaded them. */
    @Override
    public void close() {
        scratch.close();
        asked.close();
        pages.close();
    }
}
