package io.tandem.engine.runner;

/**
 * What a decoder keeps of one encoded segment, in one of the {@linkplain MemoryForm forms}. It has no positions, so any number of
 * sequences share it, in any place.
 *
 * <p>Filled by one thread; once complete it is immutable. Whoever made it closes it, after the last sequence that reads it.
 */
public interface EncoderMemory extends AutoCloseable {

    /** Encoder tokens of the segment. */
    int tokens();

    /** Bytes it takes in the decoder. */
    long bytes();

    /**
     * Takes the next states and computes what its form keeps of them.
     *
     * @param states [rows, hiddenSize], row-major, the segment's next rows
     */
    void append(float[] states, int rows);

    /** True once all tokens were appended; only then may a sequence read it. */
    boolean complete();

    @Override
    void close();
}
