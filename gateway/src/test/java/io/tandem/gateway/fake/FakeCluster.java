package io.tandem.gateway.fake;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.quarkus.runtime.Startup;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.gateway.config.GatewayConfig;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Everything behind the gateway: one server with all roles, and one with a second decoder. */
@Startup
@Singleton
public class FakeCluster {

    /** Of the server with all roles. */
    public final FakeModel model = new FakeModel();

    public final FakeModel otherModel = new FakeModel();
    public final FakeVision vision = new FakeVision(model);
    public final FakeEncoder encoder = new FakeEncoder(model);
    /** What any decoder was asked to write. */
    public final List<GenerateRequest> written = new CopyOnWriteArrayList<>();

    public final FakeDecoder decoder = new FakeDecoder(written);
    public final FakeDecoder otherDecoder = new FakeDecoder(written);
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
        model.reset();
        otherModel.reset();
        vision.reset();
        encoder.reset();
        decoder.reset();
        otherDecoder.reset();
        health.reset();
        otherHealth.reset();
    }

    /** Both decoders. */
    public List<FakeDecoder> decoders() {
        return List.of(decoder, otherDecoder);
    }

    @PreDestroy
    void stop() {
        servers.forEach(Server::shutdownNow);
    }

    private static NettyServerBuilder builder(String target) {
        String[] hostAndPort = target.split(":");
        return NettyServerBuilder.forAddress(new InetSocketAddress(hostAndPort[0], Integer.parseInt(hostAndPort[1])));
    }
}
