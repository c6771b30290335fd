package io.tandem.engine.ops;

/**
 * Storage of the decoder's own keys and values in pages of equal size: it owns the bytes, and knows nothing of who uses a page.
 *
 * <p>Shared by all sequences of a decoder; written and read by the thread that runs its steps.
 */
public interface KvPages extends AutoCloseable {

    /** Pages there are; ids are below this. */
    int pages();

    /** Tokens a page holds. */
    int pageTokens();

    /** Copies keys and values of all layers from one page, which was written, to another. */
    void copy(int source, int destination);

    @Override
    void close();
}
