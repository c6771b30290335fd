package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.AttentionKv;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Segments;
import java.util.Arrays;

/** Keys and values as they came, [rows, G*h]. Mutable; owned by one pass, used by one thread at a time. */
final class HeapAttentionKv implements AttentionKv {

    private final AttentionShape shape;
    private Segments segments = new Segments();
    private float[] keys = new float[0];
    private float[] values = new float[0];

    HeapAttentionKv(AttentionShape shape) {
        this.shape = shape;
    }

    void fill(Segments batch, HeapTensor k, HeapTensor v) {
        segments = batch;
        keys = Arrays.copyOf(k.values(), k.start(batch.rows()));
        values = Arrays.copyOf(v.values(), v.start(batch.rows()));
    }

    AttentionShape shape() {
        return shape;
    }

    Segments segments() {
        return segments;
    }

    float[] keys() {
        return keys;
    }

    float[] values() {
        return values;
    }

    @Override
    public void close() {
        keys = new float[0];
        values = new float[0];
    }
}
