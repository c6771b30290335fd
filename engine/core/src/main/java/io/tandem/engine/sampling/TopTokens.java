package io.tandem.engine.sampling;

import java.util.Arrays;

/**
 * The tokens with the greatest values, found in one pass: few are looked for, so hardly any has to be put in its place.
 *
 * <p>Mutable and used again; owned by the thread that runs the decoder's steps.
 */
public final class TopTokens {

    private int[] ids = new int[0];
    private float[] values = new float[0];
    private int size;

    /**
     * Looks for them.
     *
     * @param all [vocabulary]; negative infinity is never found
     * @param count tokens at most
     */
    public void find(float[] all, int count) {
        if (count > ids.length) {
            ids = new int[count];
            values = new float[count];
        }
        size = 0;
        if (count == 0) {
            return;
        }
        float least = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < all.length; id++) {
            if (all[id] > least) {
                insert(id, all[id], count);
                least = size < count ? Float.NEGATIVE_INFINITY : values[size - 1];
            }
        }
    }

    /** Tokens that were found. */
    public int size() {
        return size;
    }

    /** The id in this place, from 0, greatest value first, of equals the lowest id first. */
    public int id(int place) {
        return ids[place];
    }

    /** Its value. */
    public float value(int place) {
        return values[place];
    }

    /** Copies the ids. */
    int[] ids() {
        return Arrays.copyOf(ids, size);
    }

    private void insert(int id, float value, int count) {
        int place = size < count ? size++ : size - 1;
        while (place > 0 && values[place - 1] < value) {
            ids[place] = ids[place - 1];
            values[place] = values[place - 1];
            place--;
        }
        ids[place] = id;
        values[place] = value;
    }
}
