package io.tandem.engine.ops;

/**
 * Keys and values of one layer of a ragged batch, laid out as the backend's attention reads them.
 *
 * <p>Mutable and reused from layer to layer; owned by one pass, used by one thread at a time.
 */
public interface AttentionKv extends AutoCloseable {

    @Override
    void close();
}
