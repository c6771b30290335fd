package io.tandem.cache;

import io.tandem.cache.CacheConfig.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Opens the state store that settings describe. */
public final class StateStores {
    /** States that may wait to be written to disk: their keys only. */
    private static final int DISK_QUEUE = 1024;

    private StateStores() {}

    /**
     * Opens the store of the configured mode, with what is near and on disk.
     *
     * @throws IllegalArgumentException if a setting is out of its range or missing
     */
    public static StateStore open(CacheConfig config) {
        return openTiers(config).store();
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

    /** As {@link #open}, with the tiers that the store consists of. Classes of tiers that are not wanted aren't loaded. */
    static Opened openTiers(CacheConfig config) {
        StoreLimits limits = StoreLimits.of(config);
        long nearBytes = nearBytes(config);
        // Before anything that would have to be closed again.
        Optional<StateFolder> folder = config.disk()
                .path()
                .map(path -> StateFolder.open(path, config.disk().maxSize()));
        List<Tier> tiers = new ArrayList<>();
        MeasuredEntries shared = new MeasuredEntries(
                config.mode().name().toLowerCase(Locale.ROOT),
                switch (config.mode()) {
                    case LOCAL -> EmbeddedEntries.open(limits.maxBytes());
                    case SERVER -> new RemoteEntries(ServerSettings.of(config));
                    case CLUSTER -> ClusterEntries.open(ClusterSettings.of(config));
                });
        tiers.add(shared);
        Entries entries = shared;
        if (nearBytes > 0) {
            MeasuredEntries near = new MeasuredEntries("near", EmbeddedEntries.open(nearBytes));
            tiers.add(near);
            entries = new NearEntries(near, shared);
        }
        StateStore store = new ChunkedStateStore(entries, limits);
        if (folder.isPresent()) {
            DiskStateStore disk = new DiskStateStore(store, folder.get(), DISK_QUEUE);
            tiers.add(disk);
            store = disk;
        }
        return new Opened(store, tiers);
    }

    private static long nearBytes(CacheConfig config) {
        long bytes = config.nearSize().bytes();
        if (bytes == 0) {
            return 0;
        }
        if (config.mode() == Mode.LOCAL) {
            throw new IllegalArgumentException("tandem.cache.near-size is " + bytes
                    + ", but tandem.cache.mode is local: states are in this process already");
        }
        StoreLimits.requireStoreSize("tandem.cache.near-size", config.nearSize());
        return bytes;
    }

    /**
     * A store and what it consists of.
     *
     * @param store owns the tiers
     */
    record Opened(StateStore store, List<Tier> tiers) {}
}
