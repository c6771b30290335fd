package io.tandem.cache;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * A state store on entries of bounded size, wherever these are kept. Safe for any number of threads; closed by whoever
 * opened it, together with its entries.
 *
 * <p>A state is one entry a chunk and a manifest, which is written last and read first. Entries are evicted one by
 * one, so a state can lose a chunk; whoever notices forgets the whole state.
 */
final class ChunkedStateStore implements StateStore {
    private final Entries entries;
    private final StoreLimits limits;

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder bytesRead = new LongAdder();
    private final LongAdder bytesWritten = new LongAdder();

    /** @param entries belong to this store from now on */
    ChunkedStateStore(Entries entries, StoreLimits limits) {
        this.entries = entries;
        this.limits = limits;
    }

    @Override
    public Optional<StateManifest> find(ContentKey key) {
        Optional<StateManifest> manifest;
        try {
            manifest = intact(key);
        } catch (StoreUnavailableException unreachable) {
            // Whoever misses a state reads or writes next, and is told then.
            manifest = Optional.empty();
        }
        (manifest.isPresent() ? hits : misses).increment();
        return manifest;
    }

    @Override
    public Optional<StateReader> read(ContentKey key) {
        return intact(key).map(manifest -> new ChunkedStateReader(this, key, manifest));
    }

    @Override
    public StateWriter write(ContentKey key, int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException("a state needs rows and columns >= 1, not " + rows + " and " + columns);
        }
        int rowsPerChunk = limits.rowsPerChunk(rows, columns);
        entries.requireReachable();
        long generation = ThreadLocalRandom.current().nextLong();
        int[] checksums = new int[StateManifest.chunks(rows, rowsPerChunk)];
        return new ChunkedStateWriter(this, key, new StateManifest(rows, columns, rowsPerChunk, generation, checksums));
    }

    @Override
    public void remove(ContentKey key) {
        byte[] encoded = entries.get(StateCodec.manifestKey(key)).await();
        if (encoded != null) {
            forget(key, encoded);
        }
    }

    @Override
    public CacheStatistics statistics() {
        Entries.Holdings held = entries.holdings();
        return new CacheStatistics(
                held.states(),
                held.bytes(),
                limits.maxBytes(),
                hits.sum(),
                misses.sum(),
                lost.sum(),
                writes.sum(),
                bytesRead.sum(),
                bytesWritten.sum(),
                held.evictions());
    }

    @Override
    public void close() {
        entries.close();
    }

    /** Begins to store one chunk of a state that is being written; its bytes must not change before the reply. */
    Reply<Void> putChunk(ContentKey key, long generation, int chunk, byte[] bytes) {
        Reply<Void> stored = entries.put(StateCodec.chunkKey(key, generation, chunk), bytes);
        bytesWritten.add(bytes.length);
        return stored;
    }

    /** Removes the first {@code count} chunks of one write. */
    void removeChunks(ContentKey key, long generation, int count) {
        Queue<Reply<Void>> removals = new ArrayDeque<>(count);
        for (int chunk = 0; chunk < count; chunk++) {
            removals.add(entries.remove(StateCodec.chunkKey(key, generation, chunk)));
        }
        removals.forEach(Reply::await);
    }

    /**
     * Makes a written state visible, unless a complete one is there already.
     *
     * @return the manifest that is visible now: this one, or that of an earlier write
     * @throws StateLostException if a chunk is gone
     */
    StateManifest publish(ContentKey key, StateManifest manifest) {
        int missing = firstMissingChunk(key, manifest);
        if (missing < manifest.chunkCount()) {
            throw new StateLostException(
                    key,
                    "chunk " + missing + " of " + manifest.chunkCount()
                            + " was evicted before the last was written; raise tandem.cache.max-size, which is "
                            + limits.maxBytes());
        }
        byte[] encoded = StateCodec.encode(manifest);
        while (true) {
            byte[] present = entries.putManifest(StateCodec.manifestKey(key), encoded);
            if (present == null) {
                writes.increment();
                return manifest;
            }
            Optional<StateManifest> earlier = intact(key, present);
            if (earlier.isPresent()) {
                return earlier.get();
            }
        }
    }

    /** Begins to read one chunk. */
    Reply<byte[]> chunk(ContentKey key, StateManifest manifest, int chunk) {
        return entries.get(StateCodec.chunkKey(key, manifest.generation(), chunk));
    }

    /** Chunks worth beginning to read before they are wanted. */
    int readAhead() {
        return entries.readAhead();
    }

    /**
     * Returns the bytes of one chunk if they are what was written.
     *
     * @param bytes what the entries had; null if nothing
     * @throws StateLostException if it is gone or damaged; the state is then forgotten
     */
    byte[] requireIntact(ContentKey key, StateManifest manifest, int chunk, byte[] bytes) {
        String name = "chunk " + chunk + " of " + manifest.chunkCount();
        if (bytes == null) {
            forgetLost(key, StateCodec.encode(manifest));
            throw new StateLostException(key, name + " was evicted");
        }
        if (bytes.length != manifest.rowsIn(chunk) * manifest.columns() * Float.BYTES
                || StateCodec.checksum(bytes, bytes.length) != manifest.checksum(chunk)) {
            forgetLost(key, StateCodec.encode(manifest));
            throw new StateLostException(key, name + " has a wrong checksum");
        }
        bytesRead.add(bytes.length);
        return bytes;
    }

    /** The entries, so that tests can lose and damage some. */
    Entries entries() {
        return entries;
    }

    /** Returns the manifest if every chunk is there, and marks them as used; forgets a state that lost one. */
    private Optional<StateManifest> intact(ContentKey key) {
        byte[] encoded = entries.get(StateCodec.manifestKey(key)).await();
        return encoded == null ? Optional.empty() : intact(key, encoded);
    }

    private Optional<StateManifest> intact(ContentKey key, byte[] encoded) {
        Optional<StateManifest> manifest = StateCodec.decodeManifest(encoded)
                .filter(decoded -> firstMissingChunk(key, decoded) == decoded.chunkCount());
        if (manifest.isEmpty()) {
            forgetLost(key, encoded);
        }
        return manifest;
    }

    /** Marks chunks as used; returns the number of the first that is gone, or the number of chunks. */
    private int firstMissingChunk(ContentKey key, StateManifest manifest) {
        Queue<Reply<Boolean>> touched = new ArrayDeque<>();
        int ahead = entries.readAhead();
        int asked = 0;
        for (int chunk = 0; chunk < manifest.chunkCount(); chunk++) {
            for (; asked < manifest.chunkCount() && asked <= chunk + ahead; asked++) {
                touched.add(entries.touch(StateCodec.chunkKey(key, manifest.generation(), asked)));
            }
            if (!touched.remove().await()) {
                return chunk;
            }
        }
        return manifest.chunkCount();
    }

    /** Forgets a damaged state; of several threads that notice at once, one counts it. */
    private void forgetLost(ContentKey key, byte[] encoded) {
        if (forget(key, encoded)) {
            lost.increment();
        }
    }

    /** Removes the state with this very manifest; returns false if another thread already did. */
    private boolean forget(ContentKey key, byte[] encoded) {
        if (!entries.removeManifest(StateCodec.manifestKey(key), encoded)) {
            return false;
        }
        StateCodec.decodeManifest(encoded)
                .ifPresent(manifest -> removeChunks(key, manifest.generation(), manifest.chunkCount()));
        return true;
    }
}
