package io.tandem.engine.ops;

/**
 * Keys and values of one encoded segment, for all decoder layers: without positions, so any number of sequences share it.
 *
 * <p>Filled once from the front, by one thread at a time; read by many once it is filled.
 */
public interface KvBlock extends AutoCloseable {

    /** Encoder tokens it is made for. */
    int capacity();

    /** Bytes it holds. */
    long bytes();

    @Override
    void close();
}
