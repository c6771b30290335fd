package io.tandem.cache;

/** Opens the state store that settings describe. */
public final class StateStores {
    private StateStores() {}

    /**
     * Opens the store of the configured mode.
     *
     * @throws IllegalArgumentException if a setting is out of its range or missing
     */
    public static StateStore open(CacheConfig config) {
        return new ChunkedStateStore(
                switch (config.mode()) {
                    case LOCAL -> EmbeddedEntries.open(StoreLimits.of(config).maxBytes());
                    case SERVER -> new RemoteEntries(ServerSettings.of(config));
                },
                StoreLimits.of(config));
    }

    /**
     * Opens an empty store inside this process.
     *
     * @throws IllegalArgumentException if a size is out of its range
     */
    public static StateStore openLocal(ByteSize maxSize, ByteSize chunkSize) {
        StoreLimits limits = StoreLimits.of(maxSize, chunkSize);
        return new ChunkedStateStore(EmbeddedEntries.open(limits.maxBytes()), limits);
    }
}
