package io.tandem.engine.ops;

/** A handle on an immutable matrix [outputs, inputs], laid out as its {@link Ops} likes it and shared by all threads. */
public interface Weight extends AutoCloseable {

    /** Rows of the stored matrix: values a product has in each row. */
    int outputs();

    /** Columns of the stored matrix. */
    int inputs();

    /** Bytes that a value takes as it is kept; it is widened to fp32 exactly when it is used. */
    int valueBytes();

    @Override
    void close();
}
