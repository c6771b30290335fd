package io.tandem.engine.cpu;

/** Memory that the workers share during one operation; it belongs to the holder of the pool's turn. */
final class Workspace {

    /** Splits of attention's keys. */
    final SplitBuffers splits = new SplitBuffers();

    /** For the part of merged attention that is on states. */
    final AbsorbedBuffers absorbed = new AbsorbedBuffers();

    private float[] packed = new float[0];

    /** Rows or keys in the order that a kernel reads them; at least {@code length} floats of undefined contents. */
    float[] packed(long length) {
        if (length > packed.length) {
            packed = new float[Math.toIntExact(length)];
        }
        return packed;
    }
}
