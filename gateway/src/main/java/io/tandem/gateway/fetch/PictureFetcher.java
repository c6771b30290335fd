package io.tandem.gateway.fetch;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.pipeline.Picture;
import io.tandem.gateway.pipeline.RequestScope;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Fetches the pictures that requests name by address, a bounded number at a time. One for the process; thread-safe, {@link #fetch}
 * blocks its thread, a virtual one.
 */
@Singleton
public final class PictureFetcher implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PictureFetcher.class);

    private static final int IDLE_THREAD_SECONDS = 10;

    private final FetchLimits limits;
    private final HttpClient client;
    private final FetchTools tools;
    private final Semaphore places;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tandem-fetch-", 0).factory());
    // Not virtual: the operating system's resolver holds on to the thread that carries the caller.
    private final ExecutorService resolving;

    /** With the operating system's names, to public addresses only. */
    @Inject
    PictureFetcher(GatewayConfig config, Vertx vertx) {
        this(vertx, FetchLimits.of(config), NameResolver.SYSTEM, new PublicAddresses());
    }

    /**
     * @param vertx runs the connections
     * @param resolver finds the addresses of names
     * @param policy says which of them may be connected to
     */
    PictureFetcher(Vertx vertx, FetchLimits limits, NameResolver resolver, AddressPolicy policy) {
        this.limits = limits;
        int idleMillis = Math.toIntExact(limits.idleTimeout().toMillis());
        this.client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setKeepAlive(false)
                        .setMaxPoolSize(limits.parallel())
                        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setReadIdleTimeout(idleMillis))
                // The fetch learns of it too: a host that talks nonsense is no error of this server, as Vert.x would
                // log it.
                .withConnectHandler(connection ->
                        connection.exceptionHandler(failure -> LOG.debugf(failure, "%s", connection.remoteAddress())))
                .build();
        this.resolving = resolvingThreads(limits.parallel());
        this.tools = new FetchTools(vertx, client, resolver, policy, resolving);
        this.places = new Semaphore(limits.parallel());
    }

    /**
     * Fetches all pictures of a request; ends what is under way when one of them fails or the request is over.
     *
     * @return in their order
     * @throws TandemException INVALID_IMAGE_URL, OVERLOADED, or why the request is over
     */
    public List<Picture> fetch(List<RemotePicture> pictures, RequestScope scope) {
        ByteBudget budget = new ByteBudget(limits.maxBytesOfRequest());
        List<CompletableFuture<Picture>> fetched = new ArrayList<>(pictures.size());
        for (RemotePicture picture : pictures) {
            if (fetched.size() >= limits.parallelOfRequest()) {
                scope.await(fetched.get(fetched.size() - limits.parallelOfRequest()));
            }
            fetched.add(CompletableFuture.supplyAsync(() -> fetch(picture, budget, scope), threads));
        }
        return fetched.stream().map(scope::await).toList();
    }

    private Picture fetch(RemotePicture picture, ByteBudget budget, RequestScope scope) {
        if (!places.tryAcquire()) {
            throw new TandemException(
                    ErrorCode.OVERLOADED,
                    null,
                    "%d pictures are being fetched, which is the limit; retry later or raise tandem.gateway.images.remote.parallel."
                            .formatted(limits.parallel()));
        }
        try {
            return new PictureFetch(tools, limits, new FetchedField(picture.field()), budget, scope)
                    .from(picture.url());
        } finally {
            places.release();
        }
    }

    /** Pictures that are being fetched. */
    public int running() {
        return limits.parallel() - places.availablePermits();
    }

    @Override
    @PreDestroy
    public void close() {
        threads.shutdownNow();
        resolving.shutdownNow();
        client.close();
    }

    private static ExecutorService resolvingThreads(int most) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                most,
                most,
                IDLE_THREAD_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("tandem-gateway-names-", 0).daemon().factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
