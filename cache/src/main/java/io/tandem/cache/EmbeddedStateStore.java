package io.tandem.cache;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * The state store inside this process, on embedded Infinispan. Safe for any number of threads; closed by whoever
 * opened it.
 *
 * <p>A state is one entry a chunk and a manifest, which is written last and read first. Entries are evicted one by
 * one, so a state can lose a chunk; whoever notices forgets the whole state.
 */
public final class EmbeddedStateStore implements StateStore {
    private static final ByteSize SMALLEST_STORE = new ByteSize(1L << 20);
    private static final ByteSize SMALLEST_CHUNK = new ByteSize(1L << 10);
    private static final ByteSize LARGEST_CHUNK = new ByteSize(16L << 20);

    private final long maxBytes;
    private final int chunkBytes;
    private final EmbeddedEntries entries;

    /** Generations of the states held: Infinispan counts entries only, and chunks are entries too. */
    private final Set<Long> generations = ConcurrentHashMap.newKeySet();

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder bytesRead = new LongAdder();
    private final LongAdder bytesWritten = new LongAdder();
    private final LongAdder evictions = new LongAdder();

    private EmbeddedStateStore(long maxBytes, int chunkBytes) {
        this.maxBytes = maxBytes;
        this.chunkBytes = chunkBytes;
        this.entries = EmbeddedEntries.open(maxBytes, this::evicted);
    }

    /**
     * Opens an empty store.
     *
     * @throws IllegalArgumentException if a setting is out of its range
     */
    public static EmbeddedStateStore open(CacheConfig config) {
        long maxBytes = config.maxSize().bytes();
        long chunkBytes = config.chunkSize().bytes();
        if (maxBytes < SMALLEST_STORE.bytes()) {
            throw new IllegalArgumentException(
                    "tandem.cache.max-size is " + maxBytes + " bytes, it must be at least " + SMALLEST_STORE.bytes());
        }
        if (chunkBytes < SMALLEST_CHUNK.bytes() || chunkBytes > LARGEST_CHUNK.bytes()) {
            throw new IllegalArgumentException("tandem.cache.chunk-size is " + chunkBytes + " bytes, it must be "
                    + SMALLEST_CHUNK.bytes() + " to " + LARGEST_CHUNK.bytes());
        }
        return new EmbeddedStateStore(maxBytes, (int) chunkBytes);
    }

    @Override
    public Optional<StateManifest> find(ContentKey key) {
        Optional<StateManifest> manifest = intact(key);
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
        long rowBytes = (long) columns * Float.BYTES;
        // The rest is for the hash table and for chunks of states that are written at the same time.
        long limit = maxBytes / 4 * 3;
        if (rowBytes > limit / rows) {
            long product = rowBytes <= Long.MAX_VALUE / rows ? rowBytes * rows : Long.MAX_VALUE;
            throw new StateTooLargeException(product, limit);
        }
        int rowsPerChunk = (int) Math.clamp(chunkBytes / rowBytes, 1, rows);
        long needed = rowBytes * rows + overheadBytes(StateManifest.chunks(rows, rowsPerChunk));
        if (needed > limit) {
            throw new StateTooLargeException(needed, limit);
        }
        long generation = ThreadLocalRandom.current().nextLong();
        int[] checksums = new int[StateManifest.chunks(rows, rowsPerChunk)];
        return new ChunkedStateWriter(this, key, new StateManifest(rows, columns, rowsPerChunk, generation, checksums));
    }

    /** Memory that a state takes besides its values: its manifest and the overhead of its entries, in bytes. */
    private static long overheadBytes(int chunks) {
        return chunks * EmbeddedEntries.entryBytes(StateCodec.CHUNK_KEY_LENGTH, 0)
                + EmbeddedEntries.entryBytes(ContentKey.LENGTH, StateCodec.manifestLength(chunks));
    }

    @Override
    public void remove(ContentKey key) {
        byte[] encoded = entries.get(StateCodec.manifestKey(key));
        if (encoded != null) {
            forget(key, encoded);
        }
    }

    @Override
    public CacheStatistics statistics() {
        return new CacheStatistics(
                generations.size(),
                entries.bytesHeld(),
                maxBytes,
                hits.sum(),
                misses.sum(),
                lost.sum(),
                writes.sum(),
                bytesRead.sum(),
                bytesWritten.sum(),
                evictions.sum());
    }

    @Override
    public void close() {
        entries.close();
        generations.clear();
    }

    /** Stores one chunk of a state that is being written. */
    void putChunk(ContentKey key, long generation, int chunk, byte[] bytes) {
        entries.put(StateCodec.chunkKey(key, generation, chunk), bytes);
        bytesWritten.add(bytes.length);
    }

    /** Removes the first {@code count} chunks of one write. */
    void removeChunks(ContentKey key, long generation, int count) {
        for (int chunk = 0; chunk < count; chunk++) {
            entries.remove(StateCodec.chunkKey(key, generation, chunk));
        }
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
                            + maxBytes);
        }
        byte[] encoded = StateCodec.encode(manifest);
        while (true) {
            // Before the entry itself, or else its eviction could come first and the generation would stay.
            generations.add(manifest.generation());
            byte[] present = entries.putIfAbsent(StateCodec.manifestKey(key), encoded);
            if (present == null) {
                writes.increment();
                return manifest;
            }
            generations.remove(manifest.generation());
            Optional<StateManifest> earlier = intact(key, present);
            if (earlier.isPresent()) {
                return earlier.get();
            }
        }
    }

    /**
     * Returns the bytes of one chunk.
     *
     * @throws StateLostException if it is gone or damaged; the state is then forgotten
     */
    byte[] chunk(ContentKey key, StateManifest manifest, int chunk) {
        byte[] bytes = entries.get(StateCodec.chunkKey(key, manifest.generation(), chunk));
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
    EmbeddedEntries entries() {
        return entries;
    }

    /** Returns the manifest if every chunk is there, and marks them as used; forgets a state that lost one. */
    private Optional<StateManifest> intact(ContentKey key) {
        byte[] encoded = entries.get(StateCodec.manifestKey(key));
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

    /** Marks chunks as used up to the first that is gone; returns its number, or the number of chunks. */
    private int firstMissingChunk(ContentKey key, StateManifest manifest) {
        int chunk = 0;
        while (chunk < manifest.chunkCount() && entries.touch(StateCodec.chunkKey(key, manifest.generation(), chunk))) {
            chunk++;
        }
        return chunk;
    }

    /** Forgets a damaged state; of several threads that notice at once, one counts it. */
    private void forgetLost(ContentKey key, byte[] encoded) {
        if (forget(key, encoded)) {
            lost.increment();
        }
    }

    /** Removes the state with this very manifest; returns false if another thread already did. */
    private boolean forget(ContentKey key, byte[] encoded) {
        if (!entries.remove(StateCodec.manifestKey(key), encoded)) {
            return false;
        }
        StateCodec.decodeManifest(encoded).ifPresent(manifest -> {
            generations.remove(manifest.generation());
            removeChunks(key, manifest.generation(), manifest.chunkCount());
        });
        return true;
    }

    private void evicted(byte[] entryKey, byte[] value) {
        evictions.increment();
        if (StateCodec.isManifestKey(entryKey)) {
            StateCodec.decodeManifest(value).ifPresent(manifest -> generations.remove(manifest.generation()));
        }
    }
}
