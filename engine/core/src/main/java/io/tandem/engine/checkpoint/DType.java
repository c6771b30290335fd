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

    /** The bits of the bfloat16 nearest to a number, ties to even. */
    public static short bfloat16(float value) {
        int bits = Float.floatToIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> Short.SIZE);
        }
        int odd = bits >>> Short.SIZE & 1;
        return (short) (bits + 0x7FFF + odd >>> Short.SIZE);
    }

    /** The number of this format that is nearest to {@code value}, ties to even. */
    public float round(float value) {
        return switch (this) {
            case F32 -> value;
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BF16 -> Float.intBitsToFloat(bfloat16(value) << Short.SIZE);
        };
    }
}
