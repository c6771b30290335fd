package io.tandem.engine.checkpoint;

/** Number format of a stored weight; the constants have the names that safetensors headers use. */
public enum DType {
    /** IEEE single precision. */
    F32(4),
    /** IEEE half precision. */
    F16(2),
    /** The upper half of a single: 8 bits of exponent, 7 of fraction. */
    BF16(2);

    private final int byteSize;

    DType(int byteSize) {
        this.byteSize = byteSize;
    }

    /** Bytes an element takes. */
    public int byteSize() {
        return byteSize;
    }
}
