package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.Absorption;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.EncoderBlock;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.SequenceKv;
import io.tandem.engine.ops.StateBlock;

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
        for (int row = 0; row < rows.count(); row++) {
            SequenceKv sequence = rows.sequence(row);
            int position = rows.position(row);
            int first = attention.window() > position ? 0 : position - attention.window() + 1;
            int keys = position + 1 - first;
            for (EncoderBlock block : sequence.encoderBlocks()) {
                keys += block.capacity();
            }
            for (int head = 0; head < attention.shape().heads(); head++) {
                Query query = new Query(attention.shape(), q.values(), q.start(row), head, keys);
                seeOwn(query, attention, sequence, first, position);
                for (EncoderBlock block : sequence.encoderBlocks()) {
                    seeBlock(query, attention, block);
                }
                query.attend(dst.values(), dst.start(row));
            }
        }
    }

    private static void seeOwn(Query query, MergedAttention attention, SequenceKv sequence, int first, int last) {
        HeapKvPages pages = (HeapKvPages) attention.pages();
        for (int j = first; j <= last; j++) {
            int start = pages.start(sequence.pageTable(), j);
            query.see(pages.keys(attention.layer()), pages.values(attention.layer()), start);
        }
    }

    private static void seeBlock(Query query, MergedAttention attention, EncoderBlock encoderBlock) {
        switch (encoderBlock) {
            case KvBlock kv -> {
                HeapKvBlock block = (HeapKvBlock) kv;
                for (int token = 0; token < block.capacity(); token++) {
                    query.see(block.keys(attention.layer()), block.values(attention.layer()), block.start(token));
                }
            }
            case StateBlock states -> {
                query.absorb(attention.absorption());
                for (int token = 0; token < states.capacity(); token++) {
                    query.see((HeapStateBlock) states, attention.layer(), token);
                }
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

        /** For each key what its weight multiplies: a value [h], or a state [d] that is yet to become one. */
        private final float[][] values;

        private final int[] valueStarts;
        private final boolean[] areStates;
        private int seen;

        private Absorption absorption;
        private double[] absorbed = new double[0]; // [d], (q * (1 + w)) W_k

        Query(AttentionShape shape, float[] q, int rowStart, int head, int keys) {
            this.shape = shape;
            this.q = q;
            this.start = rowStart + head * shape.headDim();
            this.head = head;
            this.scores = new double[keys];
            this.values = new float[keys][];
            this.valueStarts = new int[keys];
            this.areStates = new boolean[keys];
        }

        private int kvHead() {
            return head / (shape.heads() / shape.kvHeads());
        }

        /** Adds a key and its value: the rows [G*h] that begin at {@code rowStart}. */
        void see(float[] k, float[] v, int rowStart) {
            int from = rowStart + kvHead() * shape.headDim();
            double dot = 0;
            for (int i = 0; i < shape.headDim(); i++) {
                dot += (double) q[start + i] * k[from + i];
            }
            see(dot, v, from, false);
        }

        /** Makes itself comparable with states. */
        void absorb(Absorption weights) {
            absorption = weights;
            HeapWeight keys = (HeapWeight) weights.queries(); // [d, G*h]
            float[] norm = HeapTensor.of(weights.keyNorm().weight()).values();
            absorbed = new double[weights.hiddenSize()];
            for (int i = 0; i < absorbed.length; i++) {
                for (int j = 0; j < shape.headDim(); j++) {
                    float weight = keys.values()[i * keys.inputs() + kvHead() * shape.headDim() + j];
                    absorbed[i] += q[start + j] * (1.0 + norm[j]) * weight;
                }
            }
        }

        /** Adds a state. */
        void see(HeapStateBlock block, int layer, int token) {
            int from = block.start(token);
            double dot = 0;
            for (int i = 0; i < absorbed.length; i++) {
                dot += absorbed[i] * block.states()[from + i];
            }
            see(dot * block.keyScale(layer, token, kvHead()), block.states(), from, true);
        }

        private void see(double dot, float[] weighed, int from, boolean state) {
            scores[seen] = dot * shape.scale();
            values[seen] = weighed;
            valueStarts[seen] = from;
            areStates[seen] = state;
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
            double[] stateSum = new double[absorbed.length]; // [d]
            for (int j = 0; j < seen; j++) {
                double weight = Math.exp(scores[j] - largest);
                total += weight;
                double[] into = areStates[j] ? stateSum : sum;
                for (int i = 0; i < into.length; i++) {
                    into[i] += weight * values[j][valueStarts[j] + i];
                }
            }
            if (absorption != null) {
                addValues(stateSum, sum);
            }
            for (int i = 0; i < sum.length; i++) {
                dst[rowStart + head * shape.headDim() + i] = (float) (sum[i] / total);
            }
        }

        /** {@code sum += W_v stateSum}. */
        private void addValues(double[] stateSum, double[] sum) {
            HeapWeight weight = (HeapWeight) absorption.values(); // [G*h, d]
            for (int i = 0; i < sum.length; i++) {
                int row = (kvHead() * shape.headDim() + i) * weight.inputs();
                for (int j = 0; j < stateSum.length; j++) {
                    sum[i] += weight.values()[row + j] * stateSum[j];
                }
            }
        }
    }
}
