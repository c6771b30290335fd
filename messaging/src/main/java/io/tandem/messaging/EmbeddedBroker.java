package io.tandem.messaging;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ActiveMQServers;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/**
 * An AMQP 1.0 broker in this process. Messages only name work that stands on disk itself, so it may do without a journal; with one,
 * it knows after a restart what it had, how often that had failed, and what was given up. Owned by whoever made it, who starts and
 * closes it; thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {

    /** One more than workers make use of: a line that ends the process again and again ends here. */
    private static final int MAX_DELIVERIES = 5;

    private static final long DEAD_BYTES = 4 << 20;

    /** Of one of the two files that a journal has while little waits: messages have a few hundred bytes. */
    private static final int JOURNAL_FILE_BYTES = 1 << 20;

    /** What a broker that was killed a moment ago may take to let go of its journal. */
    private static final long JOURNAL_PATIENCE_MILLIS = 10_000;

    private static final int NO_LIMIT = -1;

    private final String host;
    private final int port;
    private final Optional<Path> folder;
    private ActiveMQServer server;

    /** One that only this machine reaches, on a port that is free. */
    public EmbeddedBroker() {
        this("127.0.0.1", freePort(), Optional.empty());
    }

    /**
     * One on a given port.
     *
     * @param host address to listen on
     * @param folder of its journal, made when it starts; without one it keeps nothing
     */
    public EmbeddedBroker(String host, int port, Optional<Path> folder) {
        this.host = host;
        this.port = port;
        this.folder = folder;
    }

    /** Where it listens. */
    public BrokerAddress address() {
        return new BrokerAddress(host, port, false, Optional.empty(), Optional.empty());
    }

    /**
     * Starts it, unless it runs.
     *
     * @throws IllegalStateException if its port is taken, or its journal is another broker's
     */
    public synchronized void start() {
        if (server != null) {
            return;
        }
        try {
            AtomicReference<Exception> why = new AtomicReference<>();
            ActiveMQServer made = ActiveMQServers.newActiveMQServer(configuration(), folder.isPresent());
            made.registerActivationFailureListener(why::set);
            made.start();
            if (why.get() != null) {
                made.stop();
                throw why.get();
            }
            server = made;
        } catch (Exception failure) {
            String place = folder.map(path -> " with its journal in " + path).orElse("");
            throw new IllegalStateException("The broker does not start on port %d%s.".formatted(port, place), failure);
        }
    }

    /** Messages that wait in a queue or are being worked on. */
    public synchronized long messages(String queue) {
        var found = server.locateQueue(SimpleString.of(queue));
        return found == null ? 0 : found.getMessageCount();
    }

    /** Messages of a queue that workers have and that are not settled. */
    public synchronized int delivering(String queue) {
        var found = server.locateQueue(SimpleString.of(queue));
        return found == null ? 0 : found.getDeliveringCount();
    }

    private Configuration configuration() throws Exception {
        ConfigurationImpl configuration = new ConfigurationImpl();
        folder.ifPresent(path -> addJournal(configuration, path));
        configuration.setSecurityEnabled(false);
        configuration.setJMXManagementEnabled(false);
        configuration.setGracefulShutdownEnabled(false);
        configuration.addAcceptorConfiguration(new TransportConfiguration(
                NettyAcceptorFactory.class.getName(),
                Map.of(
                        TransportConstants.HOST_PROP_NAME, host,
                        TransportConstants.PORT_PROP_NAME, port,
                        TransportConstants.PROTOCOLS_PROP_NAME, "AMQP"),
                "amqp"));
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        .setAutoCreateAddresses(true)
                        .setAutoCreateQueues(true)
                        .setDefaultAddressRoutingType(RoutingType.ANYCAST)
                        .setDefaultQueueRoutingType(RoutingType.ANYCAST)
                        .setMaxDeliveryAttempts(MAX_DELIVERIES)
                        .setDeadLetterAddress(SimpleString.of("undeliverable" + Courier.DEAD)));
        configuration.addAddressSetting(
                "*" + Courier.DEAD,
                new AddressSettings()
                        .setMaxSizeBytes(DEAD_BYTES)
                        .setAutoDeleteQueues(false)
                        .setAddressFullMessagePolicy(AddressFullMessagePolicy.DROP));
        configuration.addQueueConfiguration(
                QueueConfiguration.of("undeliverable" + Courier.DEAD).setRoutingType(RoutingType.ANYCAST));
        return configuration;
    }

    private static void addJournal(ConfigurationImpl configuration, Path folder) {
        // Without a library of the operating system's.
        configuration.setJournalType(JournalType.NIO);
        configuration.setJournalFileSize(JOURNAL_FILE_BYTES);
        configuration.setJournalLockAcquisitionTimeout(JOURNAL_PATIENCE_MILLIS);
        // Otherwise it takes no messages any more on a disk that is nine tenths full of something else.
        configuration.setMaxDiskUsage(NO_LIMIT);
        configuration.setJournalDirectory(folder.resolve("journal").toString());
        configuration.setBindingsDirectory(folder.resolve("bindings").toString());
        configuration.setPagingDirectory(folder.resolve("paging").toString());
        configuration.setLargeMessagesDirectory(folder.resolve("large-messages").toString());
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new IllegalStateException("There is no free port for the embedded broker.", failure);
        }
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            try {
                server.stop();
            } catch (Exception failure) {
                throw new IllegalStateException("The embedded broker does not stop.", failure);
            } finally {
                server = null;
            }
        }
    }
}
