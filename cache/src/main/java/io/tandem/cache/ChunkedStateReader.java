package io.tandem.cache;

/** Reads a state from its chunks, one of which it holds at a time. Owned by its caller, used by one thread at a time. */
final class ChunkedStateReader implements StateReader {
    private final EmbeddedStateStore store;
    private final ContentKey key;
    private final StateManifest manifest;
    private int nextRow;

    /** The chunk that holds {@code nextRow}; null until it is wanted. */
    private byte[] chunk;

    ChunkedStateReader(EmbeddedStateStore store, ContentKey key, StateManifest manifest) {
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
            chunk = store.chunk(key, manifest, chunkNumber);
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
}
