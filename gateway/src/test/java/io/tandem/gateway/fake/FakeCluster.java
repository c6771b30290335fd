package io.tandem.gateway.fake;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.quarkus.runtime.Startup;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.gateway.config.GatewayConfig;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Everything behind the gateway: one server with all roles, and one with a second decoder. */
@Startup
@Singleton
public class FakeCluster {

    /** What time each call had left when it came, by service and method. */
    public final Map<String, Duration> deadlines = new ConcurrentHashMap<>();

    /** Of the server with all roles. */
    public final FakeModel model = new FakeModel();

    public final FakeModel otherModel = new FakeModel();
    public final FakeVision vision = new FakeVision(model);
    public final FakeEncoder encoder = new FakeEncoder(model);
    /** What any decoder was asked to write. */
    public final List<GenerateRequest> written = new CopyOnWriteArrayList<>();

    private final BlockingQueue<FakeDecoder.Held> held = new LinkedBlockingQueue<>();
    public final FakeDecoder decoder = new FakeDecoder(written, held);
    public final FakeDecoder otherDecoder = new FakeDecoder(written, held);
    public final FakeHealth health = new FakeHealth();
    public final FakeHealth otherHealth = new FakeHealth();

    private final GatewayConfig config;
    private final List<Server> servers = new ArrayList<>();

    FakeCluster(GatewayConfig config) {
        this.config = config;
    }

    @PostConstruct
    void start() throws IOException {
        reset();
        servers.add(builder(config.decoders().get(0))
                .addService(vision)
                .addService(encoder)
                .addService(decoder)
                .addService(health)
                .addService(model)
                .build()
                .start());
        servers.add(builder(config.decoders().get(1))
                .addService(otherDecoder)
                .addService(otherHealth)
                .addService(otherModel)
                .build()
                .start());
    }

    /** As if just started; for the beginning of every test. */
    public void reset() {
        written.clear();
        deadlines.clear();
        model.reset();
        otherModel.reset();
        vision.reset();
        encoder.reset();
        decoder.reset();
        otherDecoder.reset();
        health.reset();
        otherHealth.reset();
        held.clear();
    }

    /** The next call that any decoder holds; waits for it. */
    public FakeDecoder.Held nextHeld() throws InterruptedException {
        FakeDecoder.Held call = held.poll(10, TimeUnit.SECONDS);
        if (call == null) {
            throw new AssertionError("no call within 10 s");
        }
        return call;
    }

    /** Both decoders. */
    public List<FakeDecoder> decoders() {
        return List.of(decoder, otherDecoder);
    }

    @PreDestroy
    void stop() {
        servers.forEach(Server::shutdownNow);
    }

    private NettyServerBuilder builder(String target) {
        String[] hostAndPort = target.split(":");
        return NettyServerBuilder.forAddress(new InetSocketAddress(hostAndPort[0], Integer.parseInt(hostAndPort[1])))
                .intercept(new DeadlineNote());
    }

    /** Keeps what every call says of its time. */
    private final class DeadlineNote implements ServerInterceptor {

        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            Deadline deadline = Context.current().getDeadline();
            if (deadline != null) {
                deadlines.put(
                        call.getMethodDescriptor().getFullMethodName(),
                        Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)));
            }
            return next.startCall(call, headers);
        }
    }
}
