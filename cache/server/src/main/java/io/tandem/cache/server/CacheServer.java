package io.tandem.cache.server;

import java.util.concurrent.CountDownLatch;
import java.util.logging.LogManager;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.server.core.admin.embeddedserver.EmbeddedServerAdminOperationHandler;
import org.infinispan.server.hotrod.HotRodServer;
import org.infinispan.server.hotrod.configuration.HotRodServerConfigurationBuilder;
import picocli.CommandLine;

/**
 * One node of the state cache: an Infinispan cache off the Java heap, served over Hot Rod, alone or in a cluster. Owned
 * by whoever started it; may be closed from any thread.
 */
public final class CacheServer implements AutoCloseable {
    private final DefaultCacheManager manager;
    private final HotRodServer server;

    private CacheServer(DefaultCacheManager manager, HotRodServer server) {
        this.manager = manager;
        this.server = server;
    }

    /** Starts a node, and returns once it answers. */
    public static CacheServer start(NodeSettings settings) {
        DefaultCacheManager manager = new DefaultCacheManager(NodeConfiguration.holder(settings), true);
        try {
            manager.getCache(settings.cacheName);
            HotRodServerConfigurationBuilder endpoint = new HotRodServerConfigurationBuilder();
            endpoint.name("states")
                    .host(settings.host)
                    .port(settings.port)
                    .adminOperationsHandler(new EmbeddedServerAdminOperationHandler());
            if (settings.advertisedHost != null) {
                endpoint.proxyHost(settings.advertisedHost).proxyPort(settings.port);
            }
            HotRodServer server = new HotRodServer();
            server.start(endpoint.build(), manager);
            server.postStart();
            return new CacheServer(manager, server);
        } catch (RuntimeException failure) {
            manager.stop();
            throw failure;
        }
    }

    /** Leaves the cluster, after the other nodes have taken over what this one held, and ends. */
    @Override
    public void close() {
        server.stop();
        manager.stop();
    }

    /** Runs a node until the process is told to end; exits with 2 if an argument is wrong. */
    public static void main(String[] arguments) throws Exception {
        readLogging();
        NodeSettings settings = new NodeSettings();
        CommandLine commandLine = new CommandLine(settings);
        try {
            commandLine.parseArgs(arguments);
            settings.check();
        } catch (CommandLine.ParameterException wrong) {
            System.err.println(wrong.getMessage());
            commandLine.usage(System.err);
            System.exit(2);
        }
        if (commandLine.isUsageHelpRequested()) {
            commandLine.usage(System.out);
            return;
        }
        CacheServer node = start(settings);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            node.close();
            ended.countDown();
        }));
        System.out.println("Tandem cache server ready on " + settings.host + ":" + settings.port);
        ended.await();
    }

    private static void readLogging() throws Exception {
        if (System.getProperty("java.util.logging.config.file") == null) {
            try (var settings = CacheServer.class.getResourceAsStream("/logging.properties")) {
                LogManager.getLogManager().readConfiguration(settings);
            }
        }
    }
}
