package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.SequenceKv;

/** Attention of one query at a time: scores, softmax, weighted sum. */
final class ReferenceAttention {

    private ReferenceAttention() {}

    static void self(SelfAttention inputs, HeapTensor dst) {
        HeapAttentionKv kv = (HeapAttentionKv) inputs.kv();
        AttentionShape shape = kv.shape();
        HeapTensor q = HeapTensor.of(inputs.q()); // [queries, H*h]
        int segment = 0;
        for (int query = 0; query < q.rows(); query++) {
            int row = inputs.firstRow() + query;
            while (row >= kv.segments().start(segment) + kv.segments().length(segment)) {
                segment++;
            }
            int start = kv.segments().start(segment);
            int first = inputs.reach().first(row - start);
            int end = inputs.reach().end(row - start, kv.segments().length(segment));
            for (int head = 0; head < shape.heads(); head++) {
                Query one = new Query(shape, q.values(), q.start(query), head, end - first);
                for (int j = first; j < end; j++) {
                    one.see(kv.keys(), kv.values(), (start + j) * shape.kvColumns());
                }
                one.attend(dst.values(), dst.start(query));
            }
        }
    }

    static void merged(MergedAttention attention, DecoderRows rows, HeapTensor q, HeapTensor dst) {
        AttentionShape shape = attention.shape();
        HeapKvPages pages = (HeapKvPages) attention.pages();
        for (int row = 0; row < rows.count(); row++) {
            SequenceKv sequence = rows.sequence(row);
            int position = rows.position(row);
            int first = attention.window() > position ? 0 : position - attention.window() + 1;
            int keys = position + 1 - first;
            for (KvBlock block : sequence.encoderBlocks()) {
                keys += block.capacity();
            }
            for (int head = 0; head < shape.heads(); head++) {
                Query query = new Query(shape, q.values(), q.start(row), head, keys);
                for (int j = first; j <= position; j++) {
                    int start = pages.start(sequence.pageTable(), j);
                    query.see(pages.keys(attention.layer()), pages.values(attention.layer()), start);
                }
                for (KvBlock encoderBlock : sequence.encoderBlocks()) {
                    HeapKvBlock block = (HeapKvBlock) encoderBlock;
                    for (int token = 0; token < block.capacity(); token++) {
                        query.see(block.keys(attention.layer()), block.values(attention.layer()), block.start(token));
                    }
                }
                query.attend(dst.values(), dst.start(row));
            }
        }
    }

    /** One head of one query row, and what it sees. */
    private static final class Query {

        private final AttentionShape shape;
        private final float[] q;
        private final int start;
        private final int head;
        private final double[] scores;
        private final float[][] values;
        private final int[] valueStarts;
        private int seen;

        Query(AttentionShape shape, float[] q, int rowStart, int head, int keys) {
            this.shape = shape;
            this.q = q;
            this.start = rowStart + head * shape.headDim();
            this.head = head;
            this.scores = new double[keys];
            this.values = new float[keys][];
            this.valueStarts = new int[keys];
        }

        /** Adds a key and its value: the rows [G*h] that begin at {@code rowStart}. */
        void see(float[] k, float[] v, int rowStart) {
            int kvHead = head / (shape.heads() / shape.kvHeads());
            int from = rowStart + kvHead * shape.headDim();
            double dot = 0;
            for (int i = 0; i < shape.headDim(); i++) {
                dot += (double) q[start + i] * k[from + i];
            }
            scores[seen] = dot * shape.scale();
            values[seen] = v;
            valueStarts[seen] = from;
            seen++;
        }

        /** Writes this head's part of the output row that begins at {@code rowStart}. */
        void attend(float[] dst, int rowStart) {
            double largest = Double.NEGATIVE_INFINITY;
            for (double score : scores) {
                largest = Math.max(largest, score);
            }
            double total = 0;
            double[] sum = new double[shape.headDim()];
            for (int j = 0; j < seen; j++) {
                double weight = Math.exp(scores[j] - largest);
                total += weight;
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += weight * values[j][valueStarts[j] + i];
                }
            }
            for (int i = 0; i < sum.length; i++) {
                dst[rowStart + head * shape.headDim() + i] = (float) (sum[i] / total);
            }
        }
    }
}
