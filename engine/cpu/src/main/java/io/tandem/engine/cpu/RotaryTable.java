package io.tandem.engine.cpu;

import io.tandem.engine.ops.Rope;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cosines and sines of every position that was asked for, in parts of 256 positions made on first use.
 *
 * <p>Safe for several threads: two that miss the same part make equal ones, and either may stay.
 */
final class RotaryTable {

    private static final int PART = 256;

    private final Rope rope;
    private volatile float[][] parts = new float[16][];

    private RotaryTable(Rope rope) {
        this.rope = rope;
    }

    /** The tables of a backend, one for each way to turn. */
    static final class Tables {

        private final Map<Rope, RotaryTable> tables = new ConcurrentHashMap<>();

        RotaryTable of(Rope rope) {
            RotaryTable table = tables.get(rope);
            return table != null ? table : tables.computeIfAbsent(rope, RotaryTable::new);
        }
    }

    /** Array in which {@code position} has its cosines [headDim / 2], then its sines [headDim / 2]. */
    float[] part(int position) {
        int index = position / PART;
        float[][] known = parts;
        if (index < known.length && known[index] != null) {
            return known[index];
        }
        return make(index);
    }

    /** Where the cosines of {@code position} start in its part. */
    int offset(int position) {
        return position % PART * rope.headDim();
    }

    private synchronized float[] make(int index) {
        float[][] grown = Arrays.copyOf(parts, Math.max(parts.length, Integer.highestOneBit(index) * 2));
        if (grown[index] == null) {
            grown[index] = compute(index * PART);
        }
        parts = grown;
        return grown[index];
    }

    private float[] compute(int firstPosition) {
        int half = rope.headDim() / 2;
        float[] part = new float[PART * rope.headDim()];
        for (int i = 0; i < PART; i++) {
            int at = i * rope.headDim();
            for (int pair = 0; pair < half; pair++) {
                float angle = rope.angle(firstPosition + i, pair);
                part[at + pair] = (float) Math.cos(angle);
                part[at + half + pair] = (float) Math.sin(angle);
            }
        }
        return part;
    }
}
