package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.cache.StateStore;
import io.tandem.cache.StateWriter;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.engine.runner.Engine;
import io.tandem.runtime.ModelIdentity;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The service as Quarkus puts it together, with the demo checkpoint. */
@QuarkusTest
class DecoderApplicationTest {

    @Inject
    Decoder decoder;

    @Inject
    DecoderBeans beans;

    @Inject
    Engine engine;

    @Inject
    StateStore store;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int grpcPort;

    @ConfigProperty(name = "quarkus.http.test-port")
    int httpPort;

    @BeforeEach
    void awaitWarmUp() {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!beans.state().isReady() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    @Test
    void theStandardHealthServiceKnowsTheService() {
        try (DecoderClient client = DecoderClient.to(grpcPort)) {
            assertEquals(ServingStatus.SERVING, client.health());
        }
    }

    @Test
    void theServiceSaysWhichModelItServes() {
        try (DecoderClient client = DecoderClient.to(grpcPort)) {
            assertEquals(ModelIdentity.of(engine).value(), client.model());
        }
        assertTrue(ModelIdentity.of(engine).value().startsWith(engine.fingerprint()));
    }

    @Test
    void aCallOverTheServersOwnPortIsAnswered() throws Exception {
        int tokens = 3;
        int columns = engine.config().encoder().hiddenSize();
        try (StateWriter writer = store.write(FakeStateStore.key(1), tokens, columns)) {
            writer.append(new float[tokens * columns], 0, tokens);
            writer.commit();
        }
        GenerateRequest request = GenerateRequest.newBuilder()
                .setModel(ModelIdentity.of(engine).value())
                .addSegments(Segment.newBuilder()
                        .setKey(ByteString.copyFrom(FakeStateStore.key(1).toBytes()))
                        .setTokens(tokens))
                .setLimits(Limits.newBuilder().setMaxTokens(4))
                .setReturnTokenIds(true)
                .build();
        try (DecoderClient client = DecoderClient.to(grpcPort)) {
            Answer answer = client.call(request).toEnd();
            assertEquals(
                    answer.finished().getCompletionTokens(), answer.tokens().size());
            assertTrue(answer.tokens().size() >= 1);
        }
        assertEquals(List.of(), decoder.integrity());
    }

    @Test
    void probesAndMetricsAreServed() throws Exception {
        assertEquals(
                200, get("/q/health/ready").statusCode(), get("/q/health/ready").body());
        assertEquals(200, get("/q/health/started").statusCode());
        String metrics = get("/q/metrics").body();
        for (String name : List.of(
                "slots_used",
                "pages",
                "pages_free",
                "queue_depth",
                "encoder_memories",
                "encoder_memory_leases",
                "tokens_total",
                "steps_total",
                "batch_size_count",
                "speculation_proposed_total",
                "speculation_accepted_total",
                "residency_segments_total",
                "residency_tokens_total",
                "residency_load_seconds_count",
                "residency_loaded_bytes_total",
                "residency_evictions_total",
                "preemptions_total",
                "requests_total")) {
            assertTrue(metrics.contains("\ntandem_decoder_" + name), () -> name + " is missing in\n" + metrics);
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + httpPort + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
