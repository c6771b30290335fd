package io.tandem.engine.ops;

/**
 * What a decoder keeps of one encoded segment, for all its layers: without positions, so any number of sequences share it.
 *
 * <p>Filled once from the front, by one thread at a time; read by many once it is filled.
 */
public sealed interface EncoderBlock extends AutoCloseable permits KvBlock, StateBlock {

    /** Encoder tokens it is made for. */
    int capacity();

    /** Bytes it holds. */
    long bytes();

    @Override
    void close();
}
