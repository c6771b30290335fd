package io.tandem.engine.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads one text stack, with either generation of the keys for layer types and rotary embeddings. */
final class TextConfigReader {

    /** More layers than any such model has: a typing error or an attack, refused before anything is allocated. */
    static final int LAYER_LIMIT = 1024;

    /** As {@link #LAYER_LIMIT}, for the width of a layer. */
    static final int WIDTH_LIMIT = 1 << 24;

    private static final int POSITION_LIMIT = 1 << 30;
    private static final int DEFAULT_PATTERN = 6;

    private TextConfigReader() {}

    static TextConfig read(ConfigSection section) {
        section.only("hidden_activation", "gelu_pytorch_tanh");
        section.only("attention_bias", false);
        section.only("tie_word_embeddings", true);
        int layers = section.count("num_hidden_layers", 26, LAYER_LIMIT);
        int maxPositions = section.count("max_position_embeddings", 131_072, POSITION_LIMIT);
        List<LayerType> layerTypes = layerTypes(section, layers);
        TextConfig text = new TextConfig(
                layers,
                section.count("hidden_size", 2304, WIDTH_LIMIT),
                section.count("num_attention_heads", 8, WIDTH_LIMIT),
                section.count("num_key_value_heads", 4, WIDTH_LIMIT),
                section.count("head_dim", 256, WIDTH_LIMIT),
                section.count("intermediate_size", 9216, WIDTH_LIMIT),
                section.count("vocab_size", 262_208, WIDTH_LIMIT),
                slidingWindow(section, layerTypes, maxPositions),
                maxPositions,
                (float) section.positive("rms_norm_eps", 1e-6),
                (float) section.positive("query_pre_attn_scalar", 256),
                layerTypes,
                RopeConfigReader.sliding(section),
                RopeConfigReader.full(section),
                softcapping(section));
        refuseUnevenHeads(section, text);
        return text;
    }

    private static OptionalDouble softcapping(ConfigSection section) {
        Optional<Double> softcapping = section.optionalPositive("final_logit_softcapping");
        return softcapping.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }

    private static int slidingWindow(ConfigSection section, List<LayerType> layerTypes, int maxPositions) {
        if (section.isNull("sliding_window") && !layerTypes.contains(LayerType.SLIDING)) {
            return maxPositions;
        }
        return section.count("sliding_window", 4096, POSITION_LIMIT);
    }

    private static List<LayerType> layerTypes(ConfigSection section, int layers) {
        Optional<JsonNode> given = section.value("layer_types");
        List<LayerType> types = new ArrayList<>();
        if (given.isEmpty()) {
            int pattern = section.count("sliding_window_pattern", DEFAULT_PATTERN, POSITION_LIMIT);
            for (int layer = 0; layer < layers; layer++) {
                types.add((layer + 1) % pattern == 0 ? LayerType.FULL : LayerType.SLIDING);
            }
            return types;
        }
        for (Iterator<JsonNode> names = given.get().elements(); names.hasNext(); ) {
            JsonNode name = names.next();
            types.add(
                    switch (name.asText()) {
                        case "sliding_attention" -> LayerType.SLIDING;
                        case "full_attention" -> LayerType.FULL;
                        default ->
                            throw section.refuse(
                                    "layer_types",
                                    "has " + name + ", only sliding_attention and full_attention are supported");
                    });
        }
        if (types.size() != layers) {
            throw section.refuse("layer_types", "has " + types.size() + " entries, num_hidden_layers is " + layers);
        }
        return types;
    }

    private static void refuseUnevenHeads(ConfigSection section, TextConfig text) {
        if (text.heads() % text.kvHeads() != 0) {
            throw section.refuse(
                    "num_attention_heads",
                    "is " + text.heads() + ", not a multiple of num_key_value_heads " + text.kvHeads());
        }
        if (text.headDim() % 2 != 0) {
            throw section.refuse("head_dim", "is " + text.headDim() + ", must be even for rotary embedding");
        }
        if ((long) text.heads() * text.headDim() > WIDTH_LIMIT) {
            throw section.refuse(
                    "head_dim",
                    "is %d, times num_attention_heads %d is more than %d"
                            .formatted(text.headDim(), text.heads(), WIDTH_LIMIT));
        }
    }
}
