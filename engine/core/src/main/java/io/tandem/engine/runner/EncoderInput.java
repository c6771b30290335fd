package io.tandem.engine.runner;

import java.util.List;

/**
 * One text to encode, all of it in one pass.
 *
 * @param tokens token ids, at least one; image tokens where soft tokens go
 * @param softTokens soft tokens of each picture [tokensPerImage, hiddenSize] in the order in which they stand in the text
 */
public record EncoderInput(int[] tokens, List<float[]> softTokens) {

    /** A text without pictures. */
    public EncoderInput(int... tokens) {
        this(tokens, List.of());
    }
}
