package io.tandem.engine.slept;

import io.tandem.engine.ops.AttentionKv;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.StateBlock;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;

/** What the backend hands out beside tensors: sizes, without what they are the sizes of. */
final class Handles {

    private Handles() {}

    /** A matrix. */
    record Sizes(int outputs, int inputs) implements Weight {

        @Override
        public int valueBytes() {
            return Short.BYTES;
        }

        @Override
        public void close() {
            // There is nothing.
        }
    }

    /** Keys and values of a pass. */
    record NoAttentionKv() implements AttentionKv {

        @Override
        public void close() {
            // There is nothing.
        }
    }

    /** Pages. */
    record NoPages(int pages, int pageTokens) implements KvPages {

        @Override
        public void copy(int source, int destination) {
            // There is nothing in either.
        }

        @Override
        public void close() {
            // There is nothing.
        }
    }

    /** One number for all that was appended, in its order. Filled by one thread at a time, then only read. */
    static final class Digest {
        private int value;

        void append(Tensor rows) {
            for (int row = 0; row < rows.rows(); row++) {
                value = MarkTensor.mix(value, MarkTensor.of(rows).mark(row));
            }
        }

        int value() {
            return value;
        }
    }

    /** A segment's keys and values: the bytes are those that they would take. */
    record DigestKv(int capacity, long bytes, Digest digest) implements KvBlock {

        @Override
        public void close() {
            // The collector's.
        }
    }

    /** A segment's states: the bytes are those that they would take. */
    record DigestStates(int capacity, long bytes, Digest digest) implements StateBlock {

        @Override
        public void close() {
            // The collector's.
        }
    }
}
