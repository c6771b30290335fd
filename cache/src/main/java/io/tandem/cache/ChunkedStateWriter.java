package io.tandem.cache;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * Cuts a state into chunks while its rows arrive, and stores them with a bounded number of bytes under way. Owned by its
 * caller, used by one thread at a time.
 */
final class ChunkedStateWriter implements StateWriter {
    private final ChunkedStateStore store;
    private final ContentKey key;

    /** The state's shape; its checksums are not known yet. */
    private final StateManifest shape;

    private final int[] checksums;

    /** Chunks on their way to the store, in their order. */
    private final Queue<Reply<Void>> underWay = new ArrayDeque<>();

    /** How many may be on their way; 0 if each is stored before the next is begun. */
    private final int maxUnderWay;

    /** Rows of the current chunk; used again for the next unless that one is still on its way. */
    private byte[] chunk;

    private int rowsInChunk;
    private int rowsWritten;
    private int chunksWritten;
    private State state = State.WRITING;

    ChunkedStateWriter(ChunkedStateStore store, ContentKey key, StateManifest shape) {
        this.store = store;
        this.key = key;
        this.shape = shape;
        this.checksums = new int[shape.chunkCount()];
        this.chunk = new byte[Math.multiplyExact(shape.rowsIn(0), Math.multiplyExact(shape.columns(), Float.BYTES))];
        this.maxUnderWay = store.readAhead();
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
        settle(0);
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
        boolean abandoned = state == State.WRITING;
        state = State.CLOSED;
        if (abandoned) {
            discard();
        }
    }

    /** Removes what was written; during an outage it stays where it is, unseen, until it is the oldest. */
    private void discard() {
        try {
            settle(0);
            store.removeChunks(key, shape.generation(), chunksWritten);
        } catch (StoreUnavailableException unreachable) {
            underWay.clear();
        }
    }

    /** Tells this writer's chunks from those of others. */
    long generation() {
        return shape.generation();
    }

    private void putChunk() {
        int length = rowsInChunk * shape.columns() * Float.BYTES;
        checksums[chunksWritten] = StateCodec.checksum(chunk, length);
        byte[] bytes = length == chunk.length ? chunk : Arrays.copyOf(chunk, length);
        underWay.add(store.putChunk(key, shape.generation(), chunksWritten, bytes));
        chunksWritten++;
        rowsInChunk = 0;
        if (maxUnderWay > 0) {
            chunk = new byte[chunk.length];
        }
        settle(maxUnderWay);
    }

    /** Waits until at most {@code left} chunks are on their way. */
    private void settle(int left) {
        while (underWay.size() > left) {
            underWay.remove().await();
        }
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
