package io.tandem.engine.ops;

/**
 * A handle on fp32 rows in the memory of the {@link Ops} that made it.
 *
 * <p>Mutable; owned by whoever asked for it, used by one thread at a time.
 */
public interface Tensor extends AutoCloseable {

    /** Rows in use. */
    int rows();

    /** Values a row. */
    int columns();

    /**
     * Sets the number of rows in use; memory grows when it must and never shrinks. The contents are undefined afterwards if it
     * grew.
     *
     * @return this tensor
     */
    Tensor resize(int rows);

    @Override
    void close();
}
