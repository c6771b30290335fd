package io.tandem.engine.model;

import io.tandem.engine.checkpoint.TensorNames;
import io.tandem.engine.config.LayerType;
import io.tandem.engine.config.RopeConfig;
import io.tandem.engine.config.TextConfig;
import io.tandem.engine.ops.Absorption;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Embedding;
import io.tandem.engine.ops.Operation;
import io.tandem.engine.ops.RmsNorm;
import io.tandem.engine.ops.Rope;
import io.tandem.engine.ops.Weight;
import java.util.ArrayList;
import java.util.List;

/** Builds the text stacks from a checkpoint's tensors. */
final class TextStackLoader {

    private final WeightLoader weights;

    TextStackLoader(WeightLoader weights) {
        this.weights = weights;
    }

    /**
     * The table that both stacks and the language model head share: it is loaded once.
     *
     * @param head whether tokens are predicted with it
     */
    Embedding embedding(boolean head) {
        weights.begin("embedding", "embed_tokens.");
        return new Embedding(
                head
                        ? weights.matrix(
                                TensorNames.EMBEDDING, Operation.EMBED, Operation.MATMUL, Operation.ARGMAX_PRODUCT)
                        : weights.matrix(TensorNames.EMBEDDING, Operation.EMBED),
                weights.constants()
                        .round((float) Math.sqrt(weights.config().encoder().hiddenSize())),
                weights.config().endOfImageToken(),
                weights.vector(TensorNames.END_OF_IMAGE_EMBEDDING));
    }

    /**
     * A stack.
     *
     * @param side {@code encoder} or {@code decoder}, as canonical names begin
     */
    TextStack stack(String side, TextConfig config, Embedding embedding) {
        weights.begin(side, side + ".");
        boolean absorbs = side.equals("decoder");
        List<TextLayer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = side + ".layers." + layer + ".";
            TextLayer.Attention attention = attention(prefix + "self_attn.", config, layer, absorbs);
            layers.add(layer(prefix, attention, config, layer));
        }
        return new TextStack(config, embedding, layers, norm(side + ".norm", config));
    }

    private TextLayer layer(String prefix, TextLayer.Attention attention, TextConfig config, int layer) {
        boolean slides = config.layerTypes().get(layer) == LayerType.SLIDING;
        return new TextLayer(
                norm(prefix + "pre_self_attn_layernorm", config),
                attention,
                norm(prefix + "post_self_attn_layernorm", config),
                norm(prefix + "pre_feedforward_layernorm", config),
                new TextLayer.GatedMlp(
                        weights.matrix(prefix + "mlp.gate_proj.weight", Operation.GEGLU),
                        weights.matrix(prefix + "mlp.up_proj.weight", Operation.GEGLU),
                        weights.matrix(prefix + "mlp.down_proj.weight")),
                norm(prefix + "post_feedforward_layernorm", config),
                slides ? config.slidingWindow() : TextLayer.UNBOUNDED);
    }

    private TextLayer.Attention attention(String prefix, TextConfig config, int layer, boolean absorbs) {
        RopeConfig rope = config.rope(layer);
        // Before the matrix itself, after which the source need not hold it any more.
        Weight queries = absorbs ? weights.transposedCopy(prefix + "k_proj.weight") : null;
        Weight values = weights.matrix(prefix + "v_proj.weight");
        RmsNorm kNorm = norm(prefix + "k_norm", config);
        return new TextLayer.Attention(
                new AttentionShape(config.heads(), config.kvHeads(), config.headDim(), (float)
                        Math.pow(config.queryPreAttnScalar(), -0.5)),
                weights.matrix(prefix + "q_proj.weight"),
                weights.matrix(prefix + "k_proj.weight"),
                values,
                weights.matrix(prefix + "o_proj.weight"),
                norm(prefix + "q_norm", config),
                kNorm,
                new Rope(rope.theta(), rope.factor(), config.headDim(), weights.constants()),
                absorbs ? new Absorption(queries, values, kNorm) : null);
    }

    private RmsNorm norm(String module, TextConfig config) {
        return new RmsNorm(weights.vector(module + ".weight"), config.rmsNormEps());
    }
}
