package io.tandem.cache.server;

import io.tandem.cache.ClusterChannel;
import java.util.concurrent.TimeUnit;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.StorageType;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.configuration.parsing.ConfigurationBuilderHolder;
import org.infinispan.eviction.EvictionStrategy;
import org.infinispan.partitionhandling.PartitionHandling;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;

/** Infinispan's configuration of a node. */
final class NodeConfiguration {
    private NodeConfiguration() {}

    /** The cache manager's configuration, with that of the one cache in it. */
    static ConfigurationBuilderHolder holder(NodeSettings settings) {
        ConfigurationBuilderHolder holder = new ConfigurationBuilderHolder(CacheServer.class.getClassLoader());
        GlobalConfigurationBuilder global = holder.getGlobalConfigurationBuilder();
        if (settings.isClustered()) {
            global.clusteredDefault()
                    .transport()
                    .clusterName("tandem-cache")
                    .transport(new JGroupsTransport(ClusterChannel.open(settings.clusterAddress())));
        } else {
            global.nonClusteredDefault();
        }
        global.cacheManagerName("tandem-cache-server").jmx().disable();
        global.metrics().gauges(false).histograms(false);
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        configure(holder.newConfigurationBuilder(settings.cacheName), settings);
        return holder;
    }

    private static void configure(ConfigurationBuilder cache, NodeSettings settings) {
        cache.encoding().mediaType(MediaType.APPLICATION_OCTET_STREAM);
        cache.memory().storage(StorageType.OFF_HEAP).maxSize(settings.maxSize).whenFull(EvictionStrategy.REMOVE);
        cache.expiration().disableReaper();
        if (settings.isClustered()) {
            cache.clustering().cacheMode(CacheMode.DIST_SYNC).remoteTimeout(5, TimeUnit.SECONDS);
            cache.clustering().hash().numOwners(settings.owners);
            // Values are named by their content: both halves of a split may go on, and nothing has to be merged.
            cache.clustering().partitionHandling().whenSplit(PartitionHandling.ALLOW_READ_WRITES);
            cache.clustering().stateTransfer().chunkSize(16).awaitInitialTransfer(false);
        }
    }
}
