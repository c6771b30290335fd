package io.tandem.cache;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Reads a state from its chunks, asking for a bounded number of them ahead so that they arrive while its caller computes.
 * Owned by its caller, used by one thread at a time.
 */
final class ChunkedStateReader implements StateReader {
    private final ChunkedStateStore store;
    private final ContentKey key;
    private final StateManifest manifest;

    /** Chunks asked for and not yet used, in their order. */
    private final Queue<Reply<byte[]>> asked = new ArrayDeque<>();

    private int nextAsked;
    private int nextRow;

    /** The chunk that holds {@code nextRow}; null until it is wanted. */
    private byte[] chunk;

    ChunkedStateReader(ChunkedStateStore store, ContentKey key, StateManifest manifest) {
        this.store = store;
        this.key = key;
        this.manifest = manifest;
    }

    @Override
    public StateManifest manifest() {
        return manifest;
    }

    @Override
    public int next(float[] into) {
        int columns = manifest.columns();
        if (into.length < columns) {
            throw new IllegalArgumentException("a row has " + columns + " floats, there is room for " + into.length);
        }
        if (nextRow == manifest.rows()) {
            return -1;
        }
        int chunkNumber = nextRow / manifest.rowsPerChunk();
        int rowInChunk = nextRow % manifest.rowsPerChunk();
        if (chunk == null) {
            chunk = take(chunkNumber);
        }
        int rowsLeft = manifest.rowsIn(chunkNumber) - rowInChunk;
        int rows = Math.min(rowsLeft, into.length / columns);
        StateCodec.decodeFloats(chunk, rowInChunk * columns * Float.BYTES, into, rows * columns);
        nextRow += rows;
        if (rows == rowsLeft) {
            chunk = null;
        }
        return rows;
    }

    @Override
    public int remainingRows() {
        return manifest.rows() - nextRow;
    }

    private byte[] take(int number) {
        byte[] bytes;
        try {
            ask(number + 1 + store.readAhead());
            bytes = asked.remove().await();
        } catch (StoreUnavailableException unreachable) {
            // The next call asks again.
            asked.clear();
            nextAsked = number;
            throw unreachable;
        }
        return store.requireIntact(key, manifest, number, bytes);
    }

    /** Asks for all chunks before {@code end} that were not asked for. */
    private void ask(int end) {
        for (; nextAsked < Math.min(end, manifest.chunkCount()); nextAsked++) {
            asked.add(store.chunk(key, manifest, nextAsked));
        }
    }
}
