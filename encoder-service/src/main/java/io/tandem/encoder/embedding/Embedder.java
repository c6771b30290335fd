package io.tandem.encoder.embedding;

import io.tandem.cache.ContentKey;
import io.tandem.cache.ContentKeys;
import io.tandem.cache.StateLostException;
import io.tandem.cache.StateReader;
import io.tandem.cache.StateStore;
import io.tandem.encoder.encoding.EncodedSegment;
import io.tandem.encoder.encoding.SegmentStates;
import io.tandem.encoder.prompt.SegmentText;
import io.tandem.runtime.calls.Call;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the mean over tokens of encoder states, which come from the cache or go there as those of a prompt do. Immutable,
 * thread-safe.
 */
public final class Embedder {

    /** Texts of one call that are encoded at the same time: a long list must not fill the queue that all calls share. */
    private static final int WINDOW = 16;

    private final SegmentStates states;
    private final StateStore store;
    private final int window;

    /**
     * @param states makes the states
     * @param store keeps them
     * @param maxQueue segments that may wait to be encoded
     */
    public Embedder(SegmentStates states, StateStore store, int maxQueue) {
        this.states = states;
        this.store = store;
        this.window = Math.min(WINDOW, maxQueue);
    }

    /**
     * Embeds texts; waits until that is done.
     *
     * @return one a text, in their order
     * @throws StateLostException if the cache lost the states of a text twice before they could be read
     */
    public List<Embedding> embed(List<SegmentText> texts, ContentKeys keys, Call call) {
        List<Embedding> embeddings = new ArrayList<>(texts.size());
        for (int start = 0; start < texts.size(); start += window) {
            List<SegmentText> some = texts.subList(start, Math.min(start + window, texts.size()));
            List<EncodedSegment> encoded = states.encode(some, keys, call);
            for (int i = 0; i < some.size(); i++) {
                call.requireWanted();
                embeddings.add(embedding(some.get(i), encoded.get(i), keys, call));
            }
        }
        return embeddings;
    }

    private Embedding embedding(SegmentText text, EncodedSegment encoded, ContentKeys keys, Call call) {
        try {
            return embedding(encoded);
        } catch (StateLostException evicted) {
            // The cache is free to drop what it has just taken; made again, it is the newest and stays longest.
            return embedding(states.encode(List.of(text), keys, call).getFirst());
        }
    }

    private Embedding embedding(EncodedSegment encoded) {
        return new Embedding(mean(encoded.key()), encoded.tokens(), encoded.cached());
    }

    /** Sums are kept in double, so that the mean of a long text is as exact as that of a short one. */
    private float[] mean(ContentKey key) {
        StateReader reader =
                store.read(key).orElseThrow(() -> new StateLostException(key, "no states are under this key"));
        int rows = reader.manifest().rows();
        int columns = reader.manifest().columns();
        double[] sums = new double[columns];
        reader.forEachChunk((data, firstRow, rowCount) -> {
            for (int row = 0; row < rowCount; row++) {
                int offset = row * columns;
                for (int column = 0; column < columns; column++) {
                    sums[column] += data[offset + column];
                }
            }
        });
        float[] mean = new float[columns];
        for (int column = 0; column < columns; column++) {
            mean[column] = (float) (sums[column] / rows);
        }
        return mean;
    }
}
