package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;

/** Pages as rows of one keys and one values array a layer: token slot s of page p is row {@code p * pageTokens + s}. */
final class HeapKvPages implements KvPages {

    private final int pages;
    private final int pageTokens;
    private final int columns;
    private final float[][] keys;
    private final float[][] values;

    HeapKvPages(KvShape shape, int pages, int pageTokens) {
        this.pages = pages;
        this.pageTokens = pageTokens;
        this.columns = shape.columns();
        int length = Math.multiplyExact(Math.multiplyExact(pages, pageTokens), columns);
        this.keys = new float[shape.layers()][length];
        this.values = new float[shape.layers()][length];
    }

    float[] keys(int layer) {
        return keys[layer];
    }

    float[] values(int layer) {
        return values[layer];
    }

    /** Index of the first key (and value) of a sequence's decoder token. */
    int start(int[] pageTable, int position) {
        return (pageTable[position / pageTokens] * pageTokens + position % pageTokens) * columns;
    }

    @Override
    public int pages() {
        return pages;
    }

    @Override
    public int pageTokens() {
        return pageTokens;
    }

    @Override
    public void copy(int source, int destination) {
        int length = pageTokens * columns;
        for (int layer = 0; layer < keys.length; layer++) {
            System.arraycopy(keys[layer], source * length, keys[layer], destination * length, length);
            System.arraycopy(values[layer], source * length, values[layer], destination * length, length);
        }
    }

    @Override
    public void close() {
        // The garbage collector takes the arrays.
    }
}
