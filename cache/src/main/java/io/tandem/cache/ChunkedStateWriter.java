package io.tandem.cache;

import java.util.Arrays;

/** Cuts a state into chunks while its rows arrive. Owned by its caller, used by one thread at a time. */
final class ChunkedStateWriter implements StateWriter {
    private final EmbeddedStateStore store;
    private final ContentKey key;

    /** The state's shape; its checksums are not known yet. */
    private final StateManifest shape;

    private final int[] checksums;

    /** Rows of the current chunk; used again for the next, as the store copies what it is given. */
    private final byte[] chunk;

    private int rowsInChunk;
    private int rowsWritten;
    private int chunksWritten;
    private State state = State.WRITING;

    ChunkedStateWriter(EmbeddedStateStore store, ContentKey key, StateManifest shape) {
        this.store = store;
        this.key = key;
        this.shape = shape;
        this.checksums = new int[shape.chunkCount()];
        this.chunk = new byte[Math.multiplyExact(shape.rowsIn(0), Math.multiplyExact(shape.columns(), Float.BYTES))];
    }

    @Override
    public void append(float[] values, int offset, int rowCount) {
        requireWriting();
        if (rowCount < 0 || rowCount > shape.rows() - rowsWritten) {
            throw new IllegalArgumentException("state " + key + " has " + shape.rows() + " rows, " + rowsWritten
                    + " are written and " + rowCount + " more were given");
        }
        long needed = (long) rowCount * shape.columns();
        if (offset < 0 || offset + needed > values.length) {
            throw new IllegalArgumentException(rowCount + " rows of " + shape.columns() + " floats from index " + offset
                    + " on don't fit in an array of " + values.length);
        }
        int from = offset;
        for (int rowsLeft = rowCount; rowsLeft > 0; ) {
            int rows = Math.min(rowsLeft, shape.rowsIn(chunksWritten) - rowsInChunk);
            int floats = rows * shape.columns();
            StateCodec.encodeFloats(values, from, floats, chunk, rowsInChunk * shape.columns() * Float.BYTES);
            from += floats;
            rowsLeft -= rows;
            rowsInChunk += rows;
            rowsWritten += rows;
            if (rowsInChunk == shape.rowsIn(chunksWritten)) {
                putChunk();
            }
        }
    }

    @Override
    public StateManifest commit() {
        requireWriting();
        if (rowsWritten != shape.rows()) {
            throw new IllegalStateException(
                    "state " + key + " has " + shape.rows() + " rows, only " + rowsWritten + " are written");
        }
        StateManifest manifest =
                new StateManifest(shape.rows(), shape.columns(), shape.rowsPerChunk(), shape.generation(), checksums);
        StateManifest visible = store.publish(key, manifest);
        if (visible.generation() != manifest.generation()) {
            store.removeChunks(key, manifest.generation(), chunksWritten);
        }
        state = State.COMMITTED;
        return visible;
    }

    @Override
    public void close() {
        if (state == State.WRITING) {
            store.removeChunks(key, shape.generation(), chunksWritten);
        }
        state = State.CLOSED;
    }

    /** Tells this writer's chunks from those of others. */
    long generation() {
        return shape.generation();
    }

    private void putChunk() {
        int length = rowsInChunk * shape.columns() * Float.BYTES;
        checksums[chunksWritten] = StateCodec.checksum(chunk, length);
        byte[] bytes = length == chunk.length ? chunk : Arrays.copyOf(chunk, length);
        store.putChunk(key, shape.generation(), chunksWritten, bytes);
        chunksWritten++;
        rowsInChunk = 0;
    }

    private void requireWriting() {
        if (state != State.WRITING) {
            throw new IllegalStateException("state " + key + " was committed or its writer closed");
        }
    }

    private enum State {
        WRITING,
        COMMITTED,
        CLOSED
    }
}
