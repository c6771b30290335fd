package io.tandem.engine.text;

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
 */
public record SpecialTokens(
        SpecialToken beginningOfSequence,
        SpecialToken endOfSequence,
        Optional<SpecialToken> startOfImage,
        Optional<SpecialToken> endOfImage,
        Optional<SpecialToken> imageSoftToken) {

    public SpecialTokens {
        Objects.requireNonNull(beginningOfSequence);
        Objects.requireNonNull(endOfSequence);
        Objects.requireNonNull(startOfImage);
        Objects.requireNonNull(endOfImage);
        Objects.requireNonNull(imageSoftToken);
    }
}
