package io.tandem.engine.ops;

/**
 * Sizes of keys and values over all decoder layers.
 *
 * @param layers decoder layers
 * @param kvHeads key/value heads G
 * @param headDim values a head h
 */
public record KvShape(int layers, int kvHeads, int headDim) {

    /** Values of a key or value row: G * h. */
    public int columns() {
        return kvHeads * headDim;
    }

    /** Bytes that keys and values of one token take in fp32. */
    public long bytesPerToken() {
        return 2L * layers * columns() * Float.BYTES;
    }

    /** Bytes that one encoder token takes as a state of {@code hiddenSize} values with the factors of its keys' norms, in fp32. */
    public long stateBytesPerToken(int hiddenSize) {
        return ((long) hiddenSize + (long) layers * kvHeads) * Float.BYTES;
    }
}
