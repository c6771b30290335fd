package io.tandem.engine.text;

import java.util.Objects;

/**
 * A token with a role of its own, such as {@code <bos>}.
 *
 * @param text how it is written in a prompt
 * @param id its id in the tokenizer's vocabulary
 */
public record SpecialToken(String text, int id) {

    public SpecialToken {
        Objects.requireNonNull(text);
    }
}
