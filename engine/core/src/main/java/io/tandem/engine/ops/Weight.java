package io.tandem.engine.ops;

import io.tandem.engine.checkpoint.DType;

/** A handle on an immutable matrix [outputs, inputs], laid out as its {@link Ops} likes it and shared by all threads. */
public interface Weight extends AutoCloseable {

    /** Rows of the stored matrix: values a product has in each row. */
    int outputs();

    /** Columns of the stored matrix. */
    int inputs();

    /** How the values are kept; they are widened to fp32 exactly when they are used. */
    DType dtype();

    @Override
    void close();
}
