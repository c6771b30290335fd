package io.tandem.engine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A T5Gemma 2 model as its checkpoint folder describes it.
 *
 * @param encoder {@code encoder.text_config}
 * @param decoder {@code decoder}; same hidden size, vocabulary and head layout as needed to share the embedding table
 * @param vision {@code encoder.vision_config}; empty when the checkpoint has no vision tower
 * @param vocabSize rows of the one embedding table, {@code vocab_size} of both stacks
 * @param beginOfImageToken {@code encoder.boi_token_index}
 * @param endOfImageToken {@code encoder.eoi_token_index}, the token that takes the separate {@code eoi_embedding}
 * @param imageToken {@code image_token_index}, the token whose embeddings image features replace
 * @param tokensPerImage {@code encoder.mm_tokens_per_image}, a square number
 * @param padToken {@code pad_token_id}
 * @param decoderStartToken {@code decoder_start_token_id} where given, else {@code bos_token_id}
 * @param stopTokens {@code eos_token_id} of generation_config.json, else of config.json; at least one
 */
public record ModelConfig(
        TextConfig encoder,
        TextConfig decoder,
        Optional<VisionConfig> vision,
        int vocabSize,
        int beginOfImageToken,
        int endOfImageToken,
        int imageToken,
        int tokensPerImage,
        int padToken,
        int decoderStartToken,
        List<Integer> stopTokens) {

    public ModelConfig {
        stopTokens = List.copyOf(stopTokens);
    }

    /**
     * Reads {@code config.json} and {@code generation_config.json} of a checkpoint folder.
     *
     * @throws io.tandem.engine.checkpoint.CheckpointException naming the file, the key and the value, where something
     *     is missing, malformed, inconsistent or not supported
     */
    public static ModelConfig read(Path directory) {
        return ConfigReader.read(directory);
    }
}
