package io.tandem.cache;

/**
 * What a store and one state may take, and how states are cut. Immutable.
 *
 * @param maxBytes setting {@code tandem.cache.max-size}
 * @param chunkBytes setting {@code tandem.cache.chunk-size}
 */
record StoreLimits(long maxBytes, int chunkBytes) {
    private static final ByteSize SMALLEST_STORE = new ByteSize(1L << 20);
    private static final ByteSize SMALLEST_CHUNK = new ByteSize(1L << 10);
    private static final ByteSize LARGEST_CHUNK = new ByteSize(16L << 20);

    /** @throws IllegalArgumentException if a setting is out of its range */
    static StoreLimits of(CacheConfig config) {
        return of(config.maxSize(), config.chunkSize());
    }

    /** @throws IllegalArgumentException if a size is out of its range */
    static StoreLimits of(ByteSize maxSize, ByteSize chunkSize) {
        requireStoreSize("tandem.cache.max-size", maxSize);
        if (chunkSize.bytes() < SMALLEST_CHUNK.bytes() || chunkSize.bytes() > LARGEST_CHUNK.bytes()) {
            throw new IllegalArgumentException("tandem.cache.chunk-size is " + chunkSize.bytes() + " bytes, it must be "
                    + SMALLEST_CHUNK.bytes() + " to " + LARGEST_CHUNK.bytes());
        }
        return new StoreLimits(maxSize.bytes(), (int) chunkSize.bytes());
    }

    /** @throws IllegalArgumentException if a setting is less than any memory for states must have */
    static void requireStoreSize(String setting, ByteSize size) {
        if (size.bytes() < SMALLEST_STORE.bytes()) {
            throw new IllegalArgumentException(
                    setting + " is " + size.bytes() + " bytes, it must be at least " + SMALLEST_STORE.bytes());
        }
    }

    /**
     * Rows in every chunk of a state but the last.
     *
     * @throws StateTooLargeException if the store could never hold a state of this shape
     */
    int rowsPerChunk(int rows, int columns) {
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
        return rowsPerChunk;
    }

    /** Memory that a state takes besides its values: its manifest and the overhead of its entries, in bytes. */
    private static long overheadBytes(int chunks) {
        return chunks * EmbeddedEntries.entryBytes(StateCodec.CHUNK_KEY_LENGTH, 0)
                + EmbeddedEntries.entryBytes(ContentKey.LENGTH, StateCodec.manifestLength(chunks));
    }
}
