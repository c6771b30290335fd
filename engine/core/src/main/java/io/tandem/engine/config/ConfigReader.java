package io.tandem.engine.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.engine.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code config.json} and {@code generation_config.json}. A key that is absent takes the default of transformers'
 * T5Gemma 2 configuration classes; what this engine can't compute is refused by key and value.
 */
final class ConfigReader {

    private static final Set<String> ARCHITECTURES = Set.of("T5Gemma2ForConditionalGeneration", "T5Gemma2Model");

    /** Pixels; more is a typing error or an attack. */
    private static final int SIDE_LIMIT = 1 << 14;

    private ConfigReader() {}

    static ModelConfig read(Path directory) {
        ConfigSection root = ConfigSection.read(directory.resolve("config.json"));
        ConfigSection generation = ConfigSection.readIfPresent(directory.resolve("generation_config.json"));
        refuseOtherModels(root);
        ConfigSection encoderSection = root.requiredSection("encoder");
        ConfigSection decoderSection = root.requiredSection("decoder");
        encoderSection.only("tie_word_embeddings", true);
        TextConfig encoder = TextConfigReader.read(encoderSection.requiredSection("text_config"));
        TextConfig decoder = TextConfigReader.read(decoderSection);
        refuseDifference(root, "hidden_size", encoder.hiddenSize(), decoder.hiddenSize());
        refuseDifference(root, "vocab_size", encoder.vocabSize(), decoder.vocabSize());

        // transformers overrides the encoder's image_token_index by the top one, given or not.
        int imageToken = root.token("image_token_index")
                .or(() -> root.token("image_token_id"))
                .orElse(256_001);
        int start = start(root, decoderSection, generation);
        List<Integer> stopTokens = stopTokens(root, decoderSection, generation);
        ModelConfig config = new ModelConfig(
                encoder,
                decoder,
                encoderSection.section("vision_config").map(ConfigReader::vision),
                decoder.vocabSize(),
                encoderSection.token("boi_token_index").orElse(255_999),
                encoderSection.token("eoi_token_index").orElse(256_000),
                imageToken,
                encoderSection.count("mm_tokens_per_image", 256, 1 << 16),
                root.token("pad_token_id")
                        .or(() -> decoderSection.token("pad_token_id"))
                        .orElse(0),
                start,
                stopTokens);
        refuseTokensBeyondVocabulary(root, config);
        config.vision().ifPresent(vision -> refuseUnevenPooling(encoderSection, vision, config.tokensPerImage()));
        return config;
    }

    private static void refuseOtherModels(ConfigSection root) {
        String modelType = root.text("model_type").orElseThrow(() -> root.missing("model_type"));
        if (!modelType.equals("t5gemma2")) {
            throw root.refuse("model_type", "is \"" + modelType + "\", only \"t5gemma2\" is supported");
        }
        root.value("architectures").ifPresent(architectures -> {
            for (JsonNode architecture : architectures) {
                if (!ARCHITECTURES.contains(architecture.asText())) {
                    throw root.refuse(
                            "architectures",
                            "has " + architecture + ", only T5Gemma2ForConditionalGeneration is supported");
                }
            }
        });
        root.only("is_encoder_decoder", true);
        root.only("tie_word_embeddings", true);
    }

    private static int start(ConfigSection root, ConfigSection decoder, ConfigSection generation) {
        return generation
                .token("decoder_start_token_id")
                .or(() -> root.token("decoder_start_token_id"))
                .or(() -> generation.token("bos_token_id"))
                .or(() -> root.token("bos_token_id"))
                .or(() -> decoder.token("bos_token_id"))
                .orElse(2);
    }

    private static List<Integer> stopTokens(ConfigSection root, ConfigSection decoder, ConfigSection generation) {
        String key = "eos_token_id";
        for (ConfigSection section : List.of(generation, root, decoder)) {
            Optional<JsonNode> value = section.value(key);
            if (value.isEmpty()) {
                continue;
            }
            List<Integer> tokens = new ArrayList<>();
            Iterable<JsonNode> ids = value.get().isArray() ? value.get() : List.of(value.get());
            ids.forEach(id -> tokens.add(section.token(key, id)));
            if (tokens.isEmpty()) {
                throw section.refuse(key, "is an empty list, must name at least one token");
            }
            return tokens.stream().distinct().toList();
        }
        return List.of(1);
    }

    private static VisionConfig vision(ConfigSection section) {
        section.only("model_type", "siglip_vision_model");
        section.only("hidden_act", "gelu_pytorch_tanh");
        int limit = TextConfigReader.WIDTH_LIMIT;
        VisionConfig vision = new VisionConfig(
                section.count("hidden_size", 768, limit),
                section.count("num_hidden_layers", 12, TextConfigReader.LAYER_LIMIT),
                section.count("num_attention_heads", 12, limit),
                section.count("intermediate_size", 3072, limit),
                side(section, "image_size", 224),
                side(section, "patch_size", 16),
                section.count("num_channels", 3, 4),
                (float) section.positive("layer_norm_eps", 1e-6));
        if (vision.hiddenSize() % vision.heads() != 0) {
            throw section.refuse(
                    "hidden_size",
                    "is " + vision.hiddenSize() + ", not a multiple of num_attention_heads " + vision.heads());
        }
        if (vision.channels() != 3) {
            throw section.refuse("num_channels", "is " + vision.channels() + ", only 3 is supported");
        }
        if (vision.patchSize() > vision.imageSize()) {
            throw section.refuse(
                    "patch_size", "is " + vision.patchSize() + ", more than image_size " + vision.imageSize());
        }
        return vision;
    }

    /** A side of a square in pixels, given as a number or as [height, width]. */
    private static int side(ConfigSection section, String key, int defaultValue) {
        Optional<JsonNode> list = section.value(key).filter(JsonNode::isArray);
        if (list.isEmpty()) {
            return section.count(key, defaultValue, SIDE_LIMIT);
        }
        if (list.get().size() != 2 || !list.get().get(0).equals(list.get().get(1))) {
            throw section.refuse(key, "is " + list.get() + ", only squares are supported");
        }
        return section.count(key, list.get().get(0), SIDE_LIMIT);
    }

    private static void refuseDifference(ConfigSection root, String key, int encoder, int decoder) {
        if (encoder != decoder) {
            throw new CheckpointException("%s: encoder.text_config.%s is %d, decoder.%s is %d; they must be equal"
                    .formatted(root.file(), key, encoder, key, decoder));
        }
    }

    private static void refuseTokensBeyondVocabulary(ConfigSection root, ModelConfig config) {
        refuseBeyond(root, "pad_token_id", config.padToken(), config);
        refuseBeyond(root, "decoder_start_token_id or bos_token_id", config.decoderStartToken(), config);
        config.stopTokens().forEach(token -> refuseBeyond(root, "eos_token_id", token, config));
        if (config.vision().isPresent()) {
            refuseBeyond(root, "encoder.boi_token_index", config.beginOfImageToken(), config);
            refuseBeyond(root, "encoder.eoi_token_index", config.endOfImageToken(), config);
            refuseBeyond(root, "image_token_index", config.imageToken(), config);
        }
    }

    private static void refuseBeyond(ConfigSection root, String key, int token, ModelConfig config) {
        if (token >= config.vocabSize()) {
            throw root.refuse(key, "is " + token + ", beyond vocab_size " + config.vocabSize());
        }
    }

    private static void refuseUnevenPooling(ConfigSection encoder, VisionConfig vision, int tokens) {
        int side = (int) Math.round(Math.sqrt(tokens));
        if (side * side != tokens || vision.patchesPerSide() % side != 0) {
            throw encoder.refuse(
                    "mm_tokens_per_image",
                    "is %d, not a square whose side divides the %d patches along a side of an image"
                            .formatted(tokens, vision.patchesPerSide()));
        }
    }
}
