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
import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.Role;
import io.tandem.gateway.routing.Router;
import io.tandem.gateway.routing.Routers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tandem-gateway-watch").daemon().factory());

    private volatile ServedModel model;
    private volatile boolean everReady;

    /**
     * @param routers know all services, and are told which of them serve
     * @param modelNames under which the model is served
     */
    public ServiceWatch(Routers routers, List<String> modelNames) {
        this.routers = routers;
        this.modelNames = List.copyOf(modelNames);
    }

    /** Begins to look, at once and then again and again. */
    public void start(Duration interval) {
        Future<?> unused = timer.scheduleWithFixedDelay(this::lookAtAll, 0, interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * The model that is served.
     *
     * @throws TandemException UNAVAILABLE while the encoder-service has not said yet
     */
    public ServedModel model() {
        ServedModel known = model;
        if (known == null) {
            throw new TandemException(ErrorCode.UNAVAILABLE, null, "The encoder-service does not answer yet.");
        }
        return known;
    }

    /** True when the vision-service, the encoder-service and at least one decoder-service serve. */
    public boolean isReady() {
        boolean ready = model != null
                && routers.all().stream()
                        .allMatch(router -> router.instances().stream().anyMatch(Instance::isServing));
        everReady |= ready;
        return ready;
    }

    /** True when {@link #isReady} was true once. */
    public boolean wasReady() {
        return everReady || isReady();
    }

    /** Each service and whether it serves, for people. */
    public Map<String, Boolean> services() {
        Map<String, Boolean> states = new TreeMap<>();
        for (Router router : routers.all()) {
            router.instances().forEach(one -> states.put(router.role().label() + " " + one.id(), one.isServing()));
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
                                answer -> note(router, instance, answer.getStatus() == ServingStatus.SERVING),
                                failure -> note(router, instance, false)));
        if (router.role() == Role.ENCODER) {
            EncoderServiceGrpc.newStub(instance.channel())
                    .withDeadlineAfter(PATIENCE)
                    .describeModel(
                            DescribeModelRequest.getDefaultInstance(),
                            new Reply<ModelDescription>(
                                    this::describe,
                                    failure -> LOG.debugf(failure, "%s does not describe its model", instance.id())));
        }
    }

    private static void note(Router router, Instance instance, boolean serving) {
        if (instance.isServing() != serving) {
            LOG.infof("%s %s %s", router.role().label(), instance.id(), serving ? "serves" : "does not serve");
        }
        router.note(instance, serving);
    }

    private void describe(ModelDescription description) {
        model = new ServedModel(
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
