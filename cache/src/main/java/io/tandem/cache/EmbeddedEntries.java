package io.tandem.cache;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
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
 * least recently used first out. Safe for any number of threads; owned and closed by one store.
 */
final class EmbeddedEntries implements Entries {
    private static final String CACHE_NAME = "states";

    private final DefaultCacheManager manager;
    private final AdvancedCache<byte[], byte[]> cache;
    private final AdvancedCache<byte[], byte[]> quietCache;
    private final InternalDataContainer<?, ?> container;

    /** Manifests held: Infinispan counts entries only, and chunks are entries too. */
    private final LongAdder states = new LongAdder();

    private final LongAdder evictions = new LongAdder();
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
     */
    static EmbeddedEntries open(long maxBytes) {
        DefaultCacheManager manager = new DefaultCacheManager(globalConfiguration());
        AdvancedCache<byte[], byte[]> cache = manager.<byte[], byte[]>createCache(CACHE_NAME, configuration(maxBytes))
                .getAdvancedCache();
        EmbeddedEntries entries = new EmbeddedEntries(manager, cache);
        cache.addListener(new EvictionListener(entries::evicted));
        return entries;
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

    @Override
    public Reply<byte[]> get(byte[] key) {
        requireOpen();
        return Reply.of(cache.get(key));
    }

    /**
     * Goes to the container directly, because every operation of the cache interface, {@code containsKey} and
     * {@code touch} too, copies the whole value to the heap.
     */
    @Override
    public Reply<Boolean> touch(byte[] key) {
        requireOpen();
        return Reply.of(container.touch(0, new WrappedByteArray(key), System.currentTimeMillis()));
    }

    @Override
    public Reply<Void> put(byte[] key, byte[] value) {
        requireOpen();
        quietCache.put(key, value);
        return Reply.of(null);
    }

    @Override
    public Reply<Void> remove(byte[] key) {
        if (!closed) {
            quietCache.remove(key);
        }
        return Reply.of(null);
    }

    @Override
    public byte[] putManifest(byte[] key, byte[] encoded) {
        requireOpen();
        byte[] present = cache.putIfAbsent(key, encoded);
        if (present == null) {
            states.increment();
        }
        return present;
    }

    @Override
    public boolean removeManifest(byte[] key, byte[] encoded) {
        requireOpen();
        boolean removed = cache.remove(key, encoded);
        if (removed) {
            states.decrement();
        }
        return removed;
    }

    @Override
    public void requireReachable() {
        requireOpen();
    }

    @Override
    public Holdings holdings() {
        return closed
                ? new Holdings(0, 0, evictions.sum())
                : new Holdings(states.sum(), container.evictionSize(), evictions.sum());
    }

    @Override
    public int readAhead() {
        return 0;
    }

    @Override
    public void close() {
        closed = true;
        manager.stop();
    }

    private void evicted(byte[] key) {
        evictions.increment();
        if (StateCodec.isManifestKey(key)) {
            states.decrement();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the state store is closed");
        }
    }

    /** Tells of evicted entries; public because Infinispan calls it by reflection. */
    @Listener
    public static final class EvictionListener {
        private final Consumer<byte[]> evicted;

        /** @param evicted is given the key of each entry */
        EvictionListener(Consumer<byte[]> evicted) {
            this.evicted = evicted;
        }

        /** Called by Infinispan, under the cache's locks, on the thread whose write needed the room. */
        @CacheEntriesEvicted
        public void evicted(CacheEntriesEvictedEvent<byte[], byte[]> event) {
            event.getEntries().keySet().forEach(evicted);
        }
    }
}
