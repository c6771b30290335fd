package io.tandem.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.admission.BackgroundShare;
import io.tandem.gateway.config.BatchesConfig;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.keys.KeySource;
import io.tandem.gateway.keys.Quotas;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.metrics.GenerationMetrics;
import io.tandem.gateway.pipeline.Attempts;
import io.tandem.gateway.pipeline.EncoderClient;
import io.tandem.gateway.pipeline.GenerationPipeline;
import io.tandem.gateway.pipeline.RequestScopes;
import io.tandem.gateway.pipeline.VisionClient;
import io.tandem.gateway.routing.Channels;
import io.tandem.gateway.routing.Discovery;
import io.tandem.gateway.routing.Role;
import io.tandem.gateway.routing.Router;
import io.tandem.gateway.routing.Routers;
import io.tandem.routing.LoadBound;
import io.tandem.telemetry.RequestContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/** Puts the gateway's parts together from its settings and takes them apart at the end. */
@Singleton
public final class Gateway {

    private static final Logger LOG = Logger.getLogger(Gateway.class);

    /** Priority of an observer that is called before all others. */
    private static final int FIRST = 1;

    private final GatewayConfig config;

    /** @throws IllegalArgumentException naming the setting that cannot be worked with */
    Gateway(GatewayConfig config) {
        requirePositive("admission.concurrency", config.admission().concurrency());
        requirePositive("images.parallel", config.images().parallel());
        requirePositive("images.remote.parallel", config.images().remote().parallel());
        requirePositive(
                "images.remote.timeout", config.images().remote().timeout().toMillis());
        requirePositive(
                "images.remote.idle-timeout",
                config.images().remote().idleTimeout().toMillis());
        requirePositive("counts.max-prompts", config.counts().maxPrompts());
        requirePositive("counts.max-choices", config.counts().maxChoices());
        requirePositive("counts.max-inputs", config.counts().maxInputs());
        requirePositive("body.max-size", config.body().maxSize().asLongValue());
        requirePositive("stream.buffer", config.stream().buffer().asLongValue());
        requirePositive("stream.keep-alive", config.stream().keepAlive().toMillis());
        requirePositive("health.interval", config.health().interval().toMillis());
        requirePositive("keys.reload", config.keys().reload().toMillis());
        requirePositive("deadline", config.deadline().toMillis());
        this.config = config;
    }

    void start(
            @Observes StartupEvent event,
            KeySource keys,
            GatewayMetrics metrics,
            GenerationMetrics generationMetrics,
            AdmissionController admission) {
        generationMetrics.load(admission::running, admission::waiting);
        metrics.gauge("in.flight", "Requests that run", admission::running);
        metrics.gauge("queue.depth", "Requests that wait for admission", admission::waiting);
        keys.start(config.keys().reload());
    }

    void find(
            @Observes StartupEvent event,
            Discovery discovery,
            ServiceWatch watch,
            Routers routers,
            GatewayMetrics metrics) {
        metrics.differing(routers.all());
        discovery.start(config.health().interval());
        watch.start(config.health().interval());
    }

    /** Comes before anything is closed, services in the same process included: what is under way may finish. */
    void drain(@Observes @Priority(FIRST) ShutdownDelayInitiatedEvent event, AdmissionController admission)
            throws InterruptedException {
        if (!admission.drain(config.drain())) {
            LOG.warnf(
                    "%d requests run and %d wait after %s (tandem.gateway.drain); they are cut off",
                    admission.running(), admission.waiting(), config.drain());
        }
    }

    @Produces
    @Singleton
    AdmissionController admission(BatchesConfig batches) {
        return new AdmissionController(
                config.admission().concurrency(),
                config.admission().queue(),
                new BackgroundShare(batches.parallel(), batches.parallelBesideRequests()),
                System::nanoTime);
    }

    @Produces
    @Singleton
    Quotas quotas() {
        return new Quotas(config.keys(), System::nanoTime);
    }

    @Produces
    @Singleton
    KeySource keys() {
        return new KeySource(config.keys());
    }

    void close(@Disposes KeySource keys) {
        keys.close();
    }

    @Produces
    @Singleton
    GatewayMetrics metrics(MeterRegistry registry) {
        return new GatewayMetrics(registry);
    }

    @Produces
    @Singleton
    GenerationMetrics generationMetrics(MeterRegistry registry) {
        return new GenerationMetrics(registry, config.servedModelNames().getFirst());
    }

    @Produces
    @Singleton
    RequestScopes scopes() {
        return new RequestScopes(config.deadline());
    }

    void close(@Disposes RequestScopes scopes) {
        scopes.close();
    }

    @Produces
    @Singleton
    Channels channels() {
        return new Channels();
    }

    void close(@Disposes Channels channels) {
        channels.close();
    }

    @Produces
    @Singleton
    Routers routers() {
        LoadBound bound =
                new LoadBound(config.routing().loadFactor(), config.routing().freeLoad());
        return new Routers(
                new Router(Role.VISION, LoadBound.NONE),
                new Router(Role.ENCODER, LoadBound.NONE),
                new Router(Role.DECODER, bound));
    }

    @Produces
    @Singleton
    Discovery discovery(Channels channels, Routers routers, GatewayMetrics metrics) {
        Map<Role, List<String>> entries =
                Map.of(Role.VISION, config.vision(), Role.ENCODER, config.encoder(), Role.DECODER, config.decoders());
        return Discovery.of(
                channels,
                routers,
                entries,
                () -> metrics.decoders(routers.decoders().instances()));
    }

    void close(@Disposes Discovery discovery) {
        discovery.close();
    }

    @Produces
    @Singleton
    Attempts attempts(GatewayMetrics metrics) {
        return new Attempts(config.routing().patience(), metrics::triedAgain);
    }

    @Produces
    @Singleton
    EncoderClient encoder(Routers routers, Attempts attempts) {
        return new EncoderClient(routers.encoder(), attempts);
    }

    @Produces
    @Singleton
    VisionClient vision(Routers routers, Attempts attempts) {
        Executor threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("tandem-picture-", 0).factory());
        return new VisionClient(
                routers.vision(),
                attempts,
                RequestContext.carrying(threads),
                config.images().parallel());
    }

    @Produces
    @Singleton
    GenerationPipeline pipeline(VisionClient vision, EncoderClient encoder, Routers routers, Attempts attempts) {
        return new GenerationPipeline(vision, encoder, routers.decoders(), attempts);
    }

    @Produces
    @Singleton
    ServiceWatch watch(Routers routers) {
        return new ServiceWatch(routers, config.servedModelNames());
    }

    void close(@Disposes ServiceWatch watch) {
        watch.close();
    }

    private static void requirePositive(String setting, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    "tandem.gateway.%s is %d, must be more than 0".formatted(setting, value));
        }
    }
}
