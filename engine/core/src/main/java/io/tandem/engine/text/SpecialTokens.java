package io.tandem.engine.text;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The special tokens that {@code tokenizer_config.json} names; those for images are absent in text-only checkpoints.
 *
 * @param beginningOfSequence {@code bos_token}; {@code <bos>} where the file is silent
 * @param endOfSequence {@code eos_token}; {@code <eos>} where the file is silent
 * @param startOfImage {@code boi_token}, which stands for an image in a prompt that is not expanded yet
 * @param endOfImage {@code eoi_token}
 * @param imageSoftToken {@code image_token}, whose embeddings are replaced by image features
 * @param texts the text of every token that the file names, by its key, such as {@code pad_token}; chat templates see
 */
public record SpecialTokens(
        SpecialToken beginningOfSequence,
        SpecialToken endOfSequence,
        Optional<SpecialToken> startOfImage,
        Optional<SpecialToken> endOfImage,
        Optional<SpecialToken> imageSoftToken,
        Map<String, String> texts) {

    public SpecialTokens {
        Objects.requireNonNull(beginningOfSequence);
        Objects.requireNonNull(endOfSequence);
        Objects.requireNonNull(startOfImage);
        Objects.requireNonNull(endOfImage);
        Objects.requireNonNull(imageSoftToken);
        texts = Map.copyOf(texts);
    }
}
