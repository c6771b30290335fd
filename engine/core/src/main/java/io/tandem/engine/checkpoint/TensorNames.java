package io.tandem.engine.checkpoint;

import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.config.TextConfig;
import io.tandem.engine.config.VisionConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The canonical names of a model's tensors, their shapes, and how the names found in files map onto them.
 *
 * <p>Matrices are stored as PyTorch's Linear has them, [out, in]; only {@link #PROJECTION} is [in, out].
 */
public final class TensorNames {

    /** [vocabulary, hidden]: the one table of encoder, decoder and language model head. */
    public static final String EMBEDDING = "embed_tokens.weight";

    /** [hidden]: what the end-of-image token is embedded as. */
    public static final String END_OF_IMAGE_EMBEDDING = "embed_tokens.eoi_embedding";

    /** [vision hidden, hidden]: what image features are multiplied by, from the right. */
    public static final String PROJECTION = "projector.mm_input_projection_weight";

    /** [vision hidden]: RMSNorm before {@link #PROJECTION}. */
    public static final String PROJECTION_NORM = "projector.mm_soft_emb_norm.weight";

    /** Where the pooling head of a vision tower would be; T5Gemma 2 never computes it. */
    static final String VISION_HEAD = "vision.head.";

    private TensorNames() {}

    /** The shape of every tensor that a model has, by canonical name, in the order of the forward pass. */
    public static SequencedMap<String, int[]> shapes(ModelConfig config) {
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        int hidden = config.encoder().hiddenSize();
        shapes.put(EMBEDDING, new int[] {config.vocabSize(), hidden});
        shapes.put(END_OF_IMAGE_EMBEDDING, new int[] {hidden});
        config.vision().ifPresent(vision -> addVision(shapes, vision, hidden));
        addText(shapes, "encoder.", config.encoder());
        addText(shapes, "decoder.", config.decoder());
        return Collections.unmodifiableSequencedMap(shapes);
    }

    /**
     * The canonical name for a name found in a file, whichever of the four generations wrote it. The embedding table
     * and its end-of-image row may be stored up to three times (encoder, decoder, {@code lm_head}): these names all map
     * to the same canonical one.
     *
     * @return empty when the name has none of the known prefixes; a name that is returned need not exist in the model
     */
    public static Optional<String> canonical(String stored) {
        String name = stored.startsWith("model.") ? stored.substring("model.".length()) : stored;
        if (name.equals("lm_head.weight") || name.equals("lm_head.out_proj.weight")) {
            return Optional.of(EMBEDDING);
        }
        if (name.startsWith("decoder.")) {
            return Optional.of(shareEmbedding(name, "decoder."));
        }
        if (!name.startsWith("encoder.")) {
            return Optional.empty();
        }
        String rest = name.substring("encoder.".length());
        if (rest.startsWith("vision_tower.")) {
            return Optional.of("vision." + without("vision_model.", without("vision_tower.", rest)));
        }
        if (rest.startsWith("multi_modal_projector.")) {
            return Optional.of("projector." + without("multi_modal_projector.", rest));
        }
        return Optional.of(shareEmbedding("encoder." + without("text_model.", rest), "encoder."));
    }

    /** The name that transformers gives the tensor in the files it saves: what a person would look for. */
    static String stored(String canonical) {
        if (canonical.startsWith("vision.")) {
            return "model.encoder.vision_tower." + without("vision.", canonical);
        }
        if (canonical.startsWith("projector.")) {
            return "model.encoder.multi_modal_projector." + without("projector.", canonical);
        }
        if (canonical.startsWith("embed_tokens.")) {
            return "model.encoder." + canonical;
        }
        return "model." + canonical;
    }

    private static String shareEmbedding(String name, String side) {
        return name.startsWith(side + "embed_tokens.") ? name.substring(side.length()) : name;
    }

    private static String without(String prefix, String name) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    private static void addText(SequencedMap<String, int[]> shapes, String side, TextConfig text) {
        int hidden = text.hiddenSize();
        int queryWidth = text.heads() * text.headDim();
        int keyWidth = text.kvHeads() * text.headDim();
        for (int layer = 0; layer < text.layers(); layer++) {
            String prefix = side + "layers." + layer + ".";
            shapes.put(prefix + "pre_self_attn_layernorm.weight", new int[] {hidden});
            shapes.put(prefix + "self_attn.q_proj.weight", new int[] {queryWidth, hidden});
            shapes.put(prefix + "self_attn.k_proj.weight", new int[] {keyWidth, hidden});
            shapes.put(prefix + "self_attn.v_proj.weight", new int[] {keyWidth, hidden});
            shapes.put(prefix + "self_attn.q_norm.weight", new int[] {text.headDim()});
            shapes.put(prefix + "self_attn.k_norm.weight", new int[] {text.headDim()});
            shapes.put(prefix + "self_attn.o_proj.weight", new int[] {hidden, queryWidth});
            shapes.put(prefix + "post_self_attn_layernorm.weight", new int[] {hidden});
            shapes.put(prefix + "pre_feedforward_layernorm.weight", new int[] {hidden});
            shapes.put(prefix + "mlp.gate_proj.weight", new int[] {text.intermediateSize(), hidden});
            shapes.put(prefix + "mlp.up_proj.weight", new int[] {text.intermediateSize(), hidden});
            shapes.put(prefix + "mlp.down_proj.weight", new int[] {hidden, text.intermediateSize()});
            shapes.put(prefix + "post_feedforward_layernorm.weight", new int[] {hidden});
        }
        shapes.put(side + "norm.weight", new int[] {hidden});
    }

    private static void addVision(SequencedMap<String, int[]> shapes, VisionConfig vision, int textHidden) {
        int hidden = vision.hiddenSize();
        int patches = vision.patchesPerSide() * vision.patchesPerSide();
        addWithBias(
                shapes,
                "vision.embeddings.patch_embedding",
                hidden,
                vision.channels(),
                vision.patchSize(),
                vision.patchSize());
        shapes.put("vision.embeddings.position_embedding.weight", new int[] {patches, hidden});
        for (int layer = 0; layer < vision.layers(); layer++) {
            String prefix = "vision.encoder.layers." + layer + ".";
            addWithBias(shapes, prefix + "layer_norm1", hidden);
            addWithBias(shapes, prefix + "self_attn.q_proj", hidden, hidden);
            addWithBias(shapes, prefix + "self_attn.k_proj", hidden, hidden);
            addWithBias(shapes, prefix + "self_attn.v_proj", hidden, hidden);
            addWithBias(shapes, prefix + "self_attn.out_proj", hidden, hidden);
            addWithBias(shapes, prefix + "layer_norm2", hidden);
            addWithBias(shapes, prefix + "mlp.fc1", vision.intermediateSize(), hidden);
            addWithBias(shapes, prefix + "mlp.fc2", hidden, vision.intermediateSize());
        }
        addWithBias(shapes, "vision.post_layernorm", hidden);
        shapes.put(PROJECTION_NORM, new int[] {hidden});
        shapes.put(PROJECTION, new int[] {hidden, textHidden});
    }

    private static void addWithBias(SequencedMap<String, int[]> shapes, String module, int... weightShape) {
        shapes.put(module + ".weight", weightShape);
        shapes.put(module + ".bias", new int[] {weightShape[0]});
    }
}
