package io.tandem.engine.ops;

/**
 * What a decoder layer needs to attend to encoder states instead of keys and values made from them.
 *
 * <p>A state e has the key {@code (W_k e) * s * (1 + w)} with {@code s = 1/rms(W_k e)} and the value {@code W_v e}. So a query scores
 * it with {@code s * (((q * (1 + w)) W_k) e)}, and the weighted sum of values is {@code W_v} times the weighted sum of states: both
 * matrices are absorbed into the query's side, as in multi-head latent attention (arXiv 2405.04434, section 2.1).
 *
 * @param queries W_k transposed, [d, G*h]
 * @param values W_v, [G*h, d]
 * @param keyNorm the norm of keys, over h; the blocks have its factors s
 */
public record Absorption(Weight queries, Weight values, RmsNorm keyNorm) {

    /** Values of a state: d. */
    public int hiddenSize() {
        return values.inputs();
    }
}
