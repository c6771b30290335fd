package io.tandem.cache;

import java.util.function.BiConsumer;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.commons.marshall.WrappedByteArray;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.StorageType;
import org.infinispan.configuration.global.GlobalConfiguration;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.container.impl.InternalDataContainer;
import org.infinispan.container.offheap.UnpooledOffHeapMemoryAllocator;
import org.infinispan.context.Flag;
import org.infinispan.eviction.EvictionStrategy;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.notifications.Listener;
import org.infinispan.notifications.cachelistener.annotation.CacheEntriesEvicted;
import org.infinispan.notifications.cachelistener.event.CacheEntriesEvictedEvent;

/**
 * Byte arrays under byte-array keys in an Infinispan cache inside this process: off the Java heap, bounded by bytes,
 * least recently used first out. Safe for any number of threads; owned and closed by {@link EmbeddedStateStore}.
 */
final class EmbeddedEntries implements AutoCloseable {
    private static final String CACHE_NAME = "states";

    private final DefaultCacheManager manager;
    private final AdvancedCache<byte[], byte[]> cache;
    private final AdvancedCache<byte[], byte[]> quietCache;
    private final InternalDataContainer<?, ?> container;
    private volatile boolean closed;

    private EmbeddedEntries(DefaultCacheManager manager, AdvancedCache<byte[], byte[]> cache) {
        this.manager = manager;
        this.cache = cache;
        this.quietCache = cache.withFlags(Flag.IGNORE_RETURN_VALUES);
        this.container = (InternalDataContainer<?, ?>) cache.getDataContainer();
    }

    /**
     * Starts the cache.
     *
     * @param maxBytes bound of keys, values, their overhead and the hash table
     * @param onEviction gets key and value of every entry dropped to make room, under the cache's locks: must be
     *     quick and must not call the cache
     */
    static EmbeddedEntries open(long maxBytes, BiConsumer<byte[], byte[]> onEviction) {
        DefaultCacheManager manager = new DefaultCacheManager(globalConfiguration());
        AdvancedCache<byte[], byte[]> cache = manager.<byte[], byte[]>createCache(CACHE_NAME, configuration(maxBytes))
                .getAdvancedCache();
        cache.addListener(new EvictionListener(onEviction));
        return new EmbeddedEntries(manager, cache);
    }

    /** No cluster, no JMX, no shutdown hook and none of Infinispan's own metrics: the application has its own. */
    private static GlobalConfiguration globalConfiguration() {
        GlobalConfigurationBuilder global = new GlobalConfigurationBuilder().nonClusteredDefault();
        global.classLoader(EmbeddedEntries.class.getClassLoader()).cacheManagerName("tandem-cache");
        global.jmx().disable();
        global.metrics().gauges(false).histograms(false);
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        return global.build();
    }

    private static Configuration configuration(long maxBytes) {
        ConfigurationBuilder local = new ConfigurationBuilder();
        local.encoding().mediaType(MediaType.APPLICATION_OCTET_STREAM);
        local.memory()
                .storage(StorageType.OFF_HEAP)
                .maxSize(Long.toString(maxBytes))
                .whenFull(EvictionStrategy.REMOVE);
        local.expiration().disableReaper();
        return local.build();
    }

    /** Memory that an entry takes, in bytes. */
    static long entryBytes(int keyLength, int valueLength) {
        return UnpooledOffHeapMemoryAllocator.estimateSizeOverhead(
                UnpooledOffHeapMemoryAllocator.offHeapEntrySize(true, false, keyLength, valueLength));
    }

    /** Returns a copy of the value, or null, and marks it as used. */
    byte[] get(byte[] key) {
        requireOpen();
        return cache.get(key);
    }

    /** Stores a copy of the value. */
    void put(byte[] key, byte[] value) {
        requireOpen();
        quietCache.put(key, value);
    }

    /** Stores a copy of the value if there is none; returns the one that was there, or null. */
    byte[] putIfAbsent(byte[] key, byte[] value) {
        requireOpen();
        return cache.putIfAbsent(key, value);
    }

    /** Removes an entry if there is one; does nothing once the cache is closed. */
    void remove(byte[] key) {
        if (!closed) {
            quietCache.remove(key);
        }
    }

    /** Removes an entry if it has this value; returns whether it did. */
    boolean remove(byte[] key, byte[] value) {
        requireOpen();
        return cache.remove(key, value);
    }

    /**
     * Marks an entry as used; returns whether it is there. Goes to the container directly, because every operation of
     * the cache interface, {@code containsKey} and {@code touch} too, copies the whole value to the heap.
     */
    boolean touch(byte[] key) {
        requireOpen();
        return container.touch(0, new WrappedByteArray(key), System.currentTimeMillis());
    }

    /** Memory taken by entries and the hash table, in bytes; 0 once closed. */
    long bytesHeld() {
        return closed ? 0 : container.evictionSize();
    }

    @Override
    public void close() {
        closed = true;
        manager.stop();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the state store is closed");
        }
    }

    /** Passes evicted entries on; public because Infinispan calls it by reflection. */
    @Listener
    public static final class EvictionListener {
        private final BiConsumer<byte[], byte[]> onEviction;

        EvictionListener(BiConsumer<byte[], byte[]> onEviction) {
            this.onEviction = onEviction;
        }

        /** Called by Infinispan on the thread whose write needed the room. */
        @CacheEntriesEvicted
        public void evicted(CacheEntriesEvictedEvent<byte[], byte[]> event) {
            event.getEntries().forEach(onEviction);
        }
    }
}
