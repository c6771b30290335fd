package io.tandem.gateway.health;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.stub.StreamObserver;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.DescribeModelRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.contract.model.v1.IdentifyReply;
import io.tandem.contract.model.v1.IdentifyRequest;
import io.tandem.contract.model.v1.ModelServiceGrpc;
import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.ModelAgreement;
import io.tandem.gateway.routing.Role;
import io.tandem.gateway.routing.Router;
import io.tandem.gateway.routing.Routers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Looks after every service behind the gateway, by the standard gRPC health service. One for the process; thread-safe. */
public final class ServiceWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ServiceWatch.class);
    /** A service that takes longer for a health check than this serves nobody. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final List<String> modelNames;
    private final Routers routers;
    private final ModelAgreement agreement;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tandem-gateway-watch").daemon().factory());

    /** What encoders have said of each model. */
    private final Map<String, ServedModel> described = new ConcurrentHashMap<>();

    private volatile boolean everReady;

    /**
     * @param routers know all services, and are told which of them serve
     * @param modelNames under which the model is served
     */
    public ServiceWatch(Routers routers, List<String> modelNames) {
        this.routers = routers;
        this.agreement = new ModelAgreement(routers);
        this.modelNames = List.copyOf(modelNames);
    }

    /** Begins to look, at once and then again and again. */
    public void start(Duration interval) {
        Future<?> unused = timer.scheduleWithFixedDelay(this::lookAtAll, 0, interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * The model that requests are answered with.
     *
     * @throws TandemException UNAVAILABLE while the encoder-service has not said yet
     */
    public ServedModel model() {
        // Encoders are described before one's model is chosen.
        return routers.encoder()
                .model()
                .map(described::get)
                .orElseThrow(() ->
                        new TandemException(ErrorCode.UNAVAILABLE, null, "The encoder-service does not answer yet."));
    }

    /** True when the vision-service, the encoder-service and at least one decoder-service serve the same model. */
    public boolean isReady() {
        boolean ready = routers.encoder().model().isPresent()
                && routers.all().stream()
                        .allMatch(router -> router.instances().stream().anyMatch(router::isUsable));
        everReady |= ready;
        return ready;
    }

    /** True when {@link #isReady} was true once. */
    public boolean wasReady() {
        return everReady || isReady();
    }

    /** Each service and whether it serves, and the model that requests are answered with, for people. */
    public Map<String, Boolean> services() {
        Map<String, Boolean> states = new TreeMap<>();
        for (Router router : routers.all()) {
            router.instances().forEach(one -> states.put(router.role().label() + " " + one.id(), router.isUsable(one)));
        }
        return states;
    }

    private void lookAtAll() {
        try {
            routers.all().forEach(router -> router.instances().forEach(instance -> look(router, instance)));
        } catch (RuntimeException failure) {
            // Passed on, it would end the watch for good.
            LOG.error("Looking at the services failed", failure);
        }
    }

    private void look(Router router, Instance instance) {
        if (!instance.isServing()) {
            // The channel's own patience grows to minutes; a service that is back should be used at once.
            instance.channel().resetConnectBackoff();
        }
        HealthCheckRequest question = HealthCheckRequest.newBuilder()
                .setService(router.role().service())
                .build();
        HealthGrpc.newStub(instance.channel())
                .withDeadlineAfter(PATIENCE)
                .check(
                        question,
                        new Reply<HealthCheckResponse>(
                                answer -> {
                                    if (answer.getStatus() == ServingStatus.SERVING) {
                                        askForModel(router, instance);
                                    } else {
                                        note(router, instance, Optional.empty());
                                    }
                                },
                                failure -> note(router, instance, Optional.empty())));
    }

    /** Again and again, too: another process may have come to the same address. */
    private void askForModel(Router router, Instance instance) {
        Consumer<Throwable> silent = failure -> {
            LOG.debugf(failure, "%s does not say which model it serves", instance.id());
            note(router, instance, Optional.empty());
        };
        if (router.role() == Role.ENCODER) {
            EncoderServiceGrpc.newStub(instance.channel())
                    .withDeadlineAfter(PATIENCE)
                    .describeModel(
                            DescribeModelRequest.getDefaultInstance(),
                            new Reply<ModelDescription>(
                                    description -> {
                                        described.put(description.getModel(), served(description));
                                        note(router, instance, Optional.of(description.getModel()));
                                    },
                                    silent));
        } else {
            ModelServiceGrpc.newStub(instance.channel())
                    .withDeadlineAfter(PATIENCE)
                    .identify(
                            IdentifyRequest.getDefaultInstance(),
                            new Reply<IdentifyReply>(
                                    identity -> note(router, instance, Optional.of(identity.getModel())), silent));
        }
    }

    private void note(Router router, Instance instance, Optional<String> model) {
        if (instance.isServing() != model.isPresent()) {
            LOG.infof(
                    "%s %s %s", router.role().label(), instance.id(), model.isPresent() ? "serves" : "does not serve");
        }
        router.note(instance, model);
        agreement.update();
    }

    private ServedModel served(ModelDescription description) {
        return new ServedModel(
                modelNames,
                description.getFingerprint(),
                description.getBackend(),
                description.getMaxEncoderTokens(),
                description.getMaxDecoderTokens(),
                description.getImages(),
                description.getTokensPerImage(),
                description.getVocabularySize(),
                description.getDocumentCut());
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** A call's one reply or failure. */
    private record Reply<T>(Consumer<T> onReply, Consumer<Throwable> onFailure) implements StreamObserver<T> {
        @Override
        public void onNext(T value) {
            onReply.accept(value);
        }

        @Override
        public void onError(Throwable failure) {
            onFailure.accept(failure);
        }

        @Override
        public void onCompleted() {
            // The reply said everything.
        }
    }
}
