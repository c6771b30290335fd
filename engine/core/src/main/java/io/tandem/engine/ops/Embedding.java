package io.tandem.engine.ops;

/**
 * The table of token vectors and the one token that has a vector apart.
 *
 * @param table [vocabulary, hiddenSize]
 * @param scale factor on every row of the table: sqrt(hiddenSize)
 * @param endOfImageToken config key {@code eoi_token_index}
 * @param endOfImage [1, hiddenSize], taken unscaled in place of that token's row
 */
public record Embedding(Weight table, float scale, int endOfImageToken, Tensor endOfImage) {}
