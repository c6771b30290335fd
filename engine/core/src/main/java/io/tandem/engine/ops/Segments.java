package io.tandem.engine.ops;

/** Borders of the texts or pictures that lie one after the other in the rows of a ragged batch; nothing is padded. */
public final class Segments {

    private final int[] starts;

    /** @param lengths rows of each segment, all above 0 */
    public Segments(int... lengths) {
        starts = new int[lengths.length + 1];
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 1) {
                throw new IllegalArgumentException("segment " + i + " has " + lengths[i] + " rows");
            }
            starts[i + 1] = Math.addExact(starts[i], lengths[i]);
        }
    }

    /** Number of segments. */
    public int count() {
        return starts.length - 1;
    }

    /** Row at which segment {@code i} starts. */
    public int start(int i) {
        return starts[i];
    }

    /** Rows of segment {@code i}. */
    public int length(int i) {
        return starts[i + 1] - starts[i];
    }

    /** Rows of all segments. */
    public int rows() {
        return starts[count()];
    }
}
