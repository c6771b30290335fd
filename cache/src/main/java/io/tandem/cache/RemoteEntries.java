package io.tandem.cache;

import io.tandem.cache.ServerSettings.Login;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.infinispan.client.hotrod.MetadataValue;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.configuration.ConfigurationBuilder;
import org.infinispan.client.hotrod.exceptions.HotRodClientException;
import org.infinispan.client.hotrod.exceptions.TransportException;
import org.infinispan.commons.api.CacheContainerAdmin.AdminFlag;
import org.infinispan.commons.configuration.StringConfiguration;
import org.infinispan.commons.marshall.IdentityMarshaller;

/**
 * Entries on an Infinispan server or a cluster of them, over Hot Rod. Safe for any number of threads.
 *
 * <p>Nothing is connected before the first operation, so a service starts without its server and goes on without it. The
 * client's streaming interface is not used: it damages values at 16.0.
 */
final class RemoteEntries implements Entries {
    /** Nothing is stored under it: it is for asking whether the server knows the cache. */
    private static final byte[] NO_KEY = {0};
    /** Between two looks at a cache that is being made. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final ServerSettings settings;
    private final Outage outage;

    /** Null until the server was reached for the first time; guarded by this object. */
    private RemoteCacheManager manager;

    /** Null until the server was reached, and after an outage: its cache may have gone with it. */
    private volatile RemoteCache<byte[], byte[]> cache;

    private volatile boolean closed;

    /** Connects nothing yet. */
    RemoteEntries(ServerSettings settings) {
        this.settings = settings;
        this.outage = new Outage(settings.names(), settings.retryAfter());
    }

    private static ConfigurationBuilder clientConfiguration(ServerSettings settings) {
        ConfigurationBuilder client = new ConfigurationBuilder();
        for (InetSocketAddress server : settings.servers()) {
            client.addServer().host(server.getHostString()).port(server.getPort());
        }
        int timeoutMillis = Math.toIntExact(settings.timeout().toMillis());
        client.marshaller(new IdentityMarshaller())
                .connectionTimeout(timeoutMillis)
                .socketTimeout(timeoutMillis)
                // One for each node that may just have died, besides the one that is asked.
                .maxRetries(2);
        client.statistics().disable().jmxDisable();
        Login login = settings.login();
        if (!login.username().isEmpty()) {
            client.security().authentication().username(login.username()).password(login.password());
        }
        return client;
    }

    @Override
    public Reply<byte[]> get(byte[] key) {
        return begin(states -> states.getAsync(key));
    }

    @Override
    public Reply<Boolean> touch(byte[] key) {
        return begin(states -> states.containsKeyAsync(key));
    }

    @Override
    public Reply<Void> put(byte[] key, byte[] value) {
        return begin(states -> states.putAsync(key, value).thenApply(previous -> null));
    }

    @Override
    public Reply<Void> remove(byte[] key) {
        return closed ? Reply.of(null) : begin(states -> states.removeAsync(key).thenApply(previous -> null));
    }

    /**
     * Reads back what is there instead of asking for it with the write, which servers warn of; so a write that the client
     * has repeated, because a node died before it answered, is recognized as its own, too.
     */
    @Override
    public byte[] putManifest(byte[] key, byte[] encoded) {
        begin(states -> states.putIfAbsentAsync(key, encoded)).await();
        byte[] present = get(key).await();
        return present == null || Arrays.equals(present, encoded) ? null : present;
    }

    @Override
    public boolean removeManifest(byte[] key, byte[] encoded) {
        MetadataValue<byte[]> present =
                begin(states -> states.getWithMetadataAsync(key)).await();
        return present != null
                && Arrays.equals(present.getValue(), encoded)
                && begin(states -> states.removeWithVersionAsync(key, present.getVersion()))
                        .await();
    }

    @Override
    public void requireReachable() {
        requireOpen();
        outage.requireWorthTrying();
    }

    @Override
    public Holdings holdings() {
        return Holdings.ELSEWHERE;
    }

    @Override
    public int readAhead() {
        return settings.readAhead();
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            if (manager != null) {
                manager.stop();
            }
        }
    }

    /** Begins an operation unless there is an outage; the time-out counts from here. */
    private <T> Reply<T> begin(Function<RemoteCache<byte[], byte[]>, CompletableFuture<T>> operation) {
        requireOpen();
        outage.requireOver();
        long deadline = System.nanoTime() + settings.timeout().toNanos();
        CompletableFuture<T> outcome;
        try {
            outcome = operation.apply(connected());
        } catch (RuntimeException failure) {
            throw failed(failure);
        }
        return () -> await(outcome, deadline);
    }

    private <T> T await(CompletableFuture<T> outcome, long deadline) {
        try {
            T answer = outcome.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            outage.over();
            return answer;
        } catch (ExecutionException failure) {
            throw failed(failure.getCause());
        } catch (TimeoutException late) {
            outcome.cancel(true);
            throw failed(new TimeoutException("no answer within tandem.cache.timeout, " + settings.timeout()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("waiting for the state cache was interrupted", interrupted);
        }
    }

    private StoreUnavailableException failed(Throwable failure) {
        cache = null;
        return outage.failed(failure);
    }

    private RemoteCache<byte[], byte[]> connected() {
        RemoteCache<byte[], byte[]> known = cache;
        return known != null ? known : connect();
    }

    /** One thread connects; those that come meanwhile wait for it. */
    private synchronized RemoteCache<byte[], byte[]> connect() {
        if (cache != null) {
            return cache;
        }
        requireOpen();
        if (manager != null) {
            cache = stateCache(manager);
            return cache;
        }
        // A client that found no server when it started never finds one.
        RemoteCacheManager fresh =
                new RemoteCacheManager(clientConfiguration(settings).build(), false);
        try {
            fresh.start();
            cache = stateCache(fresh);
            manager = fresh;
            return cache;
        } finally {
            if (manager == null) {
                fresh.stop();
            }
        }
    }

    /** The cache, which is made if the server has none; while another client has it made, the server refuses whatever is asked of it. */
    private RemoteCache<byte[], byte[]> stateCache(RemoteCacheManager client) {
        long deadline = System.nanoTime() + settings.timeout().toNanos();
        while (true) {
            try {
                return madeOrFound(client);
            } catch (TransportException unreachable) {
                throw unreachable;
            } catch (HotRodClientException refused) {
                if (!refused.isServerError() || System.nanoTime() - deadline > 0) {
                    throw refused;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private RemoteCache<byte[], byte[]> madeOrFound(RemoteCacheManager client) {
        RemoteCache<byte[], byte[]> found = client.getCache(settings.cacheName());
        if (found == null || !isServed(found)) {
            found = client.administration()
                    .withFlags(AdminFlag.VOLATILE)
                    .getOrCreateCache(settings.cacheName(), configuration(settings.maxBytes()));
            // Refused as long as it isn't ready.
            boolean unused = found.containsKey(NO_KEY);
        }
        return found;
    }

    /** Whether the server knows a cache that the client may remember from before a restart. */
    private static boolean isServed(RemoteCache<byte[], byte[]> found) {
        try {
            return !found.containsKey(NO_KEY);
        } catch (TransportException unreachable) {
            throw unreachable;
        } catch (HotRodClientException refused) {
            if (refused.isServerError()) {
                return false;
            }
            throw refused;
        }
    }

    /** Of the cache that is created where a server has none. */
    private static StringConfiguration configuration(long maxBytes) {
        return new StringConfiguration("""
                <distributed-cache mode="SYNC" owners="2">
                  <encoding media-type="application/octet-stream"/>
                  <memory storage="OFF_HEAP" max-size="%d" when-full="REMOVE"/>
                  <partition-handling when-split="ALLOW_READ_WRITES"/>
                  <state-transfer await-initial-transfer="false"/>
                </distributed-cache>
                """.formatted(maxBytes));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the state store is closed");
        }
    }
}
