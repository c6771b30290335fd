package io.tandem.engine.runner;

import io.tandem.engine.model.Decoder;
import io.tandem.engine.model.Predictions;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.Ops;
import java.util.Arrays;

/** Collects the rows of a step and keeps its predictions. Mutable and reused by the thread that runs the steps. */
final class StepBatch implements DecoderStep, AutoCloseable {

    private final int vocabularySize;
    private final DecoderRows rows = new DecoderRows();
    private final Predictions predictions;
    private int[] tokens = new int[16];
    private int[] firstPredictions = new int[16];
    private int entries;

    StepBatch(Ops ops, int vocabularySize) {
        this.vocabularySize = vocabularySize;
        this.predictions = new Predictions(ops, vocabularySize);
    }

    @Override
    public void clear() {
        rows.clear();
        predictions.clear();
        entries = 0;
    }

    @Override
    public void add(DecoderSequence sequence, int[] source, int offset, int count, Asked asked) {
        if (asked.predictions() > count) {
            throw new IllegalArgumentException(
                    asked.predictions() + " predictions are more than the entry's " + count + " tokens");
        }
        PagedSequence paged = (PagedSequence) sequence;
        for (int i = offset; i < offset + count; i++) {
            if (source[i] < 0 || source[i] >= vocabularySize) {
                throw new IllegalArgumentException(
                        "token id " + source[i] + " is outside the vocabulary of " + vocabularySize + " tokens");
            }
        }
        int position = paged.length();
        paged.advance(count);
        if (entries == firstPredictions.length) {
            firstPredictions = Arrays.copyOf(firstPredictions, 2 * entries);
        }
        firstPredictions[entries++] = predictions.count();
        for (int i = 0; i < count; i++) {
            if (rows.count() == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * tokens.length);
            }
            tokens[rows.count()] = source[offset + i];
            if (i >= count - asked.predictions()) {
                predictions.add(rows.count(), asked.distribution());
            }
            rows.add(paged, position + i);
        }
    }

    void run(Decoder decoder) {
        decoder.step(tokens, rows, predictions);
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
    public int argmax(int entry, int prediction) {
        return predictions.best(index(entry, prediction));
    }

    @Override
    public void logits(int entry, int prediction, float[] destination) {
        predictions.logits(index(entry, prediction), destination);
    }

    private int index(int entry, int prediction) {
        int index = firstPredictions[entry] + prediction;
        int end = entry + 1 < entries ? firstPredictions[entry + 1] : predictions.count();
        if (prediction < 0 || index >= end) {
            throw new IndexOutOfBoundsException("prediction " + prediction + " of entry " + entry);
        }
        return index;
    }

    @Override
    public void close() {
        predictions.close();
    }
}
