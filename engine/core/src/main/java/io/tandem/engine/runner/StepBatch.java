package io.tandem.engine.runner;

import io.tandem.engine.model.Decoder;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import java.util.Arrays;

/** Collects the rows of a step and keeps its logits. Mutable and reused by the thread that runs the steps. */
final class StepBatch implements DecoderStep, AutoCloseable {

    private final Ops ops;
    private final int vocabularySize;
    private final DecoderRows rows = new DecoderRows();
    private final Tensor logits; // [entries, vocabulary]
    private int[] tokens = new int[16];
    private int[] lastRows = new int[16];
    private int[] best = new int[16];
    private int entries;

    StepBatch(Ops ops, int vocabularySize) {
        this.ops = ops;
        this.vocabularySize = vocabularySize;
        this.logits = ops.tensor(0, vocabularySize);
    }

    @Override
    public void clear() {
        rows.clear();
        entries = 0;
    }

    @Override
    public void add(DecoderSequence sequence, int[] source, int offset, int count) {
        PagedSequence paged = (PagedSequence) sequence;
        for (int i = offset; i < offset + count; i++) {
            if (source[i] < 0 || source[i] >= vocabularySize) {
                throw new IllegalArgumentException(
                        "token id " + source[i] + " is outside the vocabulary of " + vocabularySize + " tokens");
            }
        }
        int position = paged.length();
        paged.advance(count);
        for (int i = 0; i < count; i++) {
            if (rows.count() == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * tokens.length);
            }
            tokens[rows.count()] = source[offset + i];
            rows.add(paged, position + i);
        }
        if (entries == lastRows.length) {
            lastRows = Arrays.copyOf(lastRows, 2 * entries);
            best = Arrays.copyOf(best, 2 * entries);
        }
        lastRows[entries++] = rows.count() - 1;
    }

    void run(Decoder decoder) {
        decoder.step(tokens, rows, lastRows, entries, logits);
        ops.argmax(logits, best);
    }

    @Override
    public int entries() {
        return entries;
    }

    @Override
    public int rows() {
        return rows.count();
    }

    @Override
    public int argmax(int entry) {
        return best[entry];
    }

    @Override
    public void logits(int entry, float[] destination) {
        ops.read(logits, entry, destination, 0, 1);
    }

    @Override
    public void close() {
        logits.close();
    }
}
