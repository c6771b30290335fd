package io.tandem.cache;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.StorageType;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.configuration.parsing.ConfigurationBuilderHolder;
import org.infinispan.container.impl.InternalDataContainer;
import org.infinispan.context.Flag;
import org.infinispan.eviction.EvictionStrategy;
import org.infinispan.functional.FunctionalMap.ReadOnlyMap;
import org.infinispan.functional.impl.FunctionalMapImpl;
import org.infinispan.functional.impl.ReadOnlyMapImpl;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.marshall.core.MarshallableFunctions;
import org.infinispan.partitionhandling.PartitionHandling;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;

/**
 * Entries in the memory of all processes of a cluster, each of which holds a part, off the Java heap. Safe for any number
 * of threads; owned and closed by one store.
 */
final class ClusterEntries implements Entries {
    private final ClusterSettings settings;
    private final DefaultCacheManager manager;
    private final AdvancedCache<byte[], byte[]> cache;
    private final AdvancedCache<byte[], byte[]> quietCache;

    /** Runs a question where the entry is, so that the value needs not travel. */
    private final ReadOnlyMap<byte[], byte[]> questions;

    /** The part of this process. */
    private final InternalDataContainer<?, ?> container;

    private final LongAdder evictions = new LongAdder();
    private volatile boolean closed;

    private ClusterEntries(ClusterSettings settings, DefaultCacheManager manager) {
        this.settings = settings;
        this.manager = manager;
        this.cache = manager.<byte[], byte[]>getCache(settings.cacheName()).getAdvancedCache();
        this.quietCache = cache.withFlags(Flag.IGNORE_RETURN_VALUES);
        this.questions = ReadOnlyMapImpl.create(FunctionalMapImpl.create(cache));
        this.container = (InternalDataContainer<?, ?>) cache.getDataContainer();
    }

    /**
     * Joins the cluster, or begins one if nobody answers; returns once this process serves.
     *
     * @throws IllegalStateException if it can't listen at its address
     */
    static ClusterEntries open(ClusterSettings settings) {
        // Handed over as builders: a configuration that was built is copied, and the copy has Infinispan's own
        // transport.
        ConfigurationBuilderHolder holder = new ConfigurationBuilderHolder(ClusterEntries.class.getClassLoader());
        configure(holder.getGlobalConfigurationBuilder(), settings);
        configure(holder.newConfigurationBuilder(settings.cacheName()), settings);
        DefaultCacheManager manager;
        try {
            manager = new DefaultCacheManager(holder, true);
        } catch (RuntimeException failure) {
            ClusterAddress address = settings.address();
            throw new IllegalStateException(
                    "the state cache can't join its cluster at " + address.bindAddress() + ":" + address.port()
                            + " (tandem.cache.cluster.bind-address, .port): " + failure.getMessage(),
                    failure);
        }
        ClusterEntries entries = new ClusterEntries(settings, manager);
        entries.cache.addListener(new EmbeddedEntries.EvictionListener(key -> entries.evictions.increment()));
        return entries;
    }

    private static void configure(GlobalConfigurationBuilder global, ClusterSettings settings) {
        global.clusteredDefault().cacheManagerName("tandem-cache");
        global.transport()
                .clusterName(settings.cacheName())
                .transport(new JGroupsTransport(ClusterChannel.open(settings.address())));
        global.jmx().disable();
        global.metrics().gauges(false).histograms(false);
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
    }

    private static void configure(ConfigurationBuilder states, ClusterSettings settings) {
        states.encoding().mediaType(MediaType.APPLICATION_OCTET_STREAM);
        states.memory()
                .storage(StorageType.OFF_HEAP)
                .maxSize(Long.toString(settings.maxBytes()))
                .whenFull(EvictionStrategy.REMOVE);
        states.expiration().disableReaper();
        states.clustering()
                .cacheMode(CacheMode.DIST_SYNC)
                .remoteTimeout(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        states.clustering().hash().numOwners(settings.owners());
        // Values are named by their content: both halves of a split may go on, and nothing has to be merged.
        states.clustering().partitionHandling().whenSplit(PartitionHandling.ALLOW_READ_WRITES);
        states.clustering().stateTransfer().chunkSize(16).awaitInitialTransfer(false);
    }

    @Override
    public Reply<byte[]> get(byte[] key) {
        return begin(() -> cache.getAsync(key));
    }

    @Override
    public Reply<Boolean> touch(byte[] key) {
        return begin(() -> questions.eval(key, MarshallableFunctions.returnReadOnlyFindIsPresent()));
    }

    @Override
    public Reply<Void> put(byte[] key, byte[] value) {
        return begin(() -> quietCache.putAsync(key, value).thenApply(previous -> null));
    }

    @Override
    public Reply<Void> remove(byte[] key) {
        return closed ? Reply.of(null) : begin(() -> quietCache.removeAsync(key).thenApply(previous -> null));
    }

    /** A write that was repeated because a process died before it answered is recognized as its own. */
    @Override
    public byte[] putManifest(byte[] key, byte[] encoded) {
        byte[] present = begin(() -> cache.putIfAbsentAsync(key, encoded)).await();
        return present == null || Arrays.equals(present, encoded) ? null : present;
    }

    @Override
    public boolean removeManifest(byte[] key, byte[] encoded) {
        return begin(() -> cache.removeAsync(key, encoded)).await();
    }

    @Override
    public void requireReachable() {
        requireOpen();
    }

    /** The part of this process; states are not counted, as their manifests may be elsewhere. */
    @Override
    public Holdings holdings() {
        return new Holdings(0, closed ? 0 : container.evictionSize(), evictions.sum());
    }

    @Override
    public int readAhead() {
        return settings.readAhead();
    }

    /** Leaves the cluster; the other processes copy what has lost an owner. */
    @Override
    public void close() {
        closed = true;
        manager.stop();
    }

    /** Processes of the cluster that this one knows of, itself included. */
    int members() {
        return manager.getMembers().size();
    }

    /** Removes everything, in all processes; for tests. */
    void clear() {
        cache.clear();
    }

    private <T> Reply<T> begin(Supplier<CompletableFuture<T>> operation) {
        requireOpen();
        try {
            CompletableFuture<T> outcome = operation.get();
            return () -> await(outcome);
        } catch (RuntimeException failure) {
            throw unavailable(failure);
        }
    }

    private <T> T await(CompletableFuture<T> outcome) {
        try {
            // Infinispan's own time-out is the same and comes first; it knows who did not answer.
            return outcome.get(settings.timeout().toMillis() + 1_000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw unavailable(failure.getCause());
        } catch (TimeoutException late) {
            throw unavailable(late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw unavailable(interrupted);
        }
    }

    private StoreUnavailableException unavailable(Throwable cause) {
        requireOpen();
        return new StoreUnavailableException("the state cache's cluster did not answer: " + cause, cause);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the state store is closed");
        }
    }
}
