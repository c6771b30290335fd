package io.tandem.engine.cpu;

/** Memory that one worker of the pool uses again and again; nobody else touches it. */
final class Scratch implements AutoCloseable {

    /** Operands of the kernel call being made. */
    final Tile tile = new Tile();

    /** Partial results of a sum in the virtual layout. */
    final float[] lanes = new float[Lanes.VIRTUAL];

    /** Widened weights, or queries turned into a panel. */
    final NativeBuffer panel = new NativeBuffer();

    private final float[][] buffers = new float[Slot.values().length][0];

    /** What a heap buffer is for; each has its own. */
    enum Slot {
        PRODUCT,
        SECOND_PRODUCT,
        SCORES,
        SCORE_TILE,
        QUERIES,
        WEIGHTS,
        MAXIMA,
        SUMS,
        CORRECTIONS
    }

    /** A buffer of at least {@code length} floats of undefined contents. */
    float[] floats(Slot slot, int length) {
        float[] buffer = buffers[slot.ordinal()];
        if (buffer.length < length) {
            buffer = new float[length];
            buffers[slot.ordinal()] = buffer;
        }
        return buffer;
    }

    @Override
    public void close() {
        panel.close();
    }
}
