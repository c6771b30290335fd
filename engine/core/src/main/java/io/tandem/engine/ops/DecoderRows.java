package io.tandem.engine.ops;

import java.util.Arrays;

/**
 * Which sequence and position each row of a decoder step belongs to.
 *
 * <p>Mutable and used again at every step by the thread that runs the steps, so that a step allocates nothing.
 */
public final class DecoderRows {

    private SequenceKv[] sequences = new SequenceKv[16];
    private int[] positions = new int[16];
    private int count;

    /** Forgets all rows. */
    public void clear() {
        Arrays.fill(sequences, 0, count, null);
        count = 0;
    }

    /** Adds the row of decoder token {@code position} of a sequence. */
    public void add(SequenceKv sequence, int position) {
        if (count == positions.length) {
            sequences = Arrays.copyOf(sequences, 2 * count);
            positions = Arrays.copyOf(positions, 2 * count);
        }
        sequences[count] = sequence;
        positions[count] = position;
        count++;
    }

    /** Number of rows. */
    public int count() {
        return count;
    }

    /** The sequence of row {@code row}. */
    public SequenceKv sequence(int row) {
        return sequences[row];
    }

    /** Position of row {@code row} in its sequence; {@code <bos>} is at 0. */
    public int position(int row) {
        return positions[row];
    }

    /** Positions of all rows; entries from {@link #count()} on mean nothing. */
    public int[] positions() {
        return positions;
    }
}
