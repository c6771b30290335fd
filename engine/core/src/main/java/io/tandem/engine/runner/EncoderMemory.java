package io.tandem.engine.runner;

/**
 * What a decoder keeps of one encoded segment: keys and values of all its layers. It has no positions, so any number of
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
     * Projects the next states into keys and values.
     *
     * @param states [rows, hiddenSize], row-major, the segment's next rows
     */
    void append(float[] states, int rows);

    /** True once all tokens were appended; only then may a sequence read it. */
    boolean complete();

    @Override
    void close();
}
