package io.tandem.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.admission.BackgroundShare;
import io.tandem.gateway.config.BatchesConfig;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.health.Role;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.keys.KeySource;
import io.tandem.gateway.keys.Quotas;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.metrics.GenerationMetrics;
import io.tandem.gateway.pipeline.EncoderClient;
import io.tandem.gateway.pipeline.GenerationPipeline;
import io.tandem.gateway.pipeline.RequestScopes;
import io.tandem.gateway.pipeline.VisionClient;
import io.tandem.gateway.routing.Channels;
import io.tandem.gateway.routing.Decoder;
import io.tandem.gateway.routing.DecoderRouter;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
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
            ServiceWatch watch,
            KeySource keys,
            GatewayMetrics metrics,
            GenerationMetrics generationMetrics,
            AdmissionController admission) {
        generationMetrics.load(admission::running, admission::waiting);
        metrics.gauge("in.flight", "Requests that run", admission::running);
        metrics.gauge("queue.depth", "Requests that wait for admission", admission::waiting);
        keys.start(config.keys().reload());
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
    DecoderRouter router(Channels channels, GatewayMetrics metrics) {
        List<Decoder> decoders = config.decoders().stream()
                .map(target -> new Decoder(target, channels.to(target)))
                .toList();
        decoders.forEach(decoder -> metrics.decoderLoad(decoder.id(), decoder::inFlight));
        return new DecoderRouter(
                decoders, config.routing().loadFactor(), config.routing().freeLoad());
    }

    @Produces
    @Singleton
    EncoderClient encoder(Channels channels) {
        return new EncoderClient(channels.to(config.encoder()));
    }

    @Produces
    @Singleton
    GenerationPipeline pipeline(
            Channels channels, EncoderClient encoder, DecoderRouter router, GatewayMetrics metrics) {
        return new GenerationPipeline(
                new VisionClient(channels.to(config.vision()), config.images().parallel()),
                encoder,
                router,
                metrics::triedAgain);
    }

    @Produces
    @Singleton
    ServiceWatch watch(Channels channels, DecoderRouter router) {
        List<ServiceWatch.Watched> services = new ArrayList<>();
        services.add(
                new ServiceWatch.Watched(Role.VISION, config.vision(), channels.to(config.vision()), serving -> {}));
        services.add(
                new ServiceWatch.Watched(Role.ENCODER, config.encoder(), channels.to(config.encoder()), serving -> {}));
        router.decoders()
                .forEach(decoder -> services.add(new ServiceWatch.Watched(
                        Role.DECODER, decoder.id(), channels.to(decoder.id()), decoder::setAvailable)));
        return new ServiceWatch(services, config.servedModelNames());
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
