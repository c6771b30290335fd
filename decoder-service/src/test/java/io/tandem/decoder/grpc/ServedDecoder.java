package io.tandem.decoder.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.decoder.DecoderServer;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.FakeStateStore;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.engine.sampling.SamplingParameters;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.ModelIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/**
 * What tests of calls have in common: a server for each, whose model is {@link FakeModel} with the demo checkpoint's
 * tokenizer, segment n with n tokens, and a check that nothing is left behind.
 */
abstract class ServedDecoder {

    static final int PAGES = 24;
    static final int CONTEXT = 64;
    /** Whose states the decoder takes. */
    static final String MODEL = "model";

    private static final int UNUSED_STOP_TOKEN = 1;

    static Tokenizer tokenizer;

    final FakeStateStore store = new FakeStateStore();
    FakeDecoderRunner runner;
    DecoderServer server;

    @BeforeAll
    static void openTokenizer() {
        tokenizer = Tokenizer.open(Path.of(System.getProperty("tandem.root"), "deploy/demo-model"));
    }

    @AfterAll
    static void closeTokenizer() {
        tokenizer.close();
    }

    @AfterEach
    void nothingIsLeftBehind() {
        try {
            assertEquals(List.of(), server.leftovers());
            assertEquals(server.gauge("pages"), server.gauge("pages.free"));
            assertEquals(0, server.gauge("slots.used"));
            assertEquals(0, server.gauge("queue.depth"));
            assertEquals(0, server.gauge("encoder.memory.leases"));
        } finally {
            server.close();
        }
        assertEquals(0, runner.openMemories());
    }

    final void open(DecoderConfig config) throws IOException {
        open(config, CONTEXT, PAGES);
    }

    final void open(DecoderConfig config, int context, int pages) throws IOException {
        IntStream.rangeClosed(1, 20).forEach(n -> store.put(FakeStateStore.key(n), n, n));
        runner = new FakeDecoderRunner(tokenizer.vocabularySize(), context, pages, 4);
        server = new DecoderServer(
                config,
                new DecoderModel(runner, tokenizer, List.of(UNUSED_STOP_TOKEN), new ModelIdentity(MODEL)),
                store);
    }

    /** Runs this before every step with a sequence on the segment of so many tokens. */
    final void holdSteps(int segmentTokens, Runnable hook) {
        runner.beforeStep((sequences, counts) -> {
            boolean concerned = sequences.stream()
                    .flatMap(sequence -> sequence.memories().stream())
                    .anyMatch(memory -> memory.tokens() == segmentTokens);
            if (concerned) {
                hook.run();
            }
        });
    }

    static GenerateRequest.Builder request(int segment, int maxTokens) {
        return GenerateRequest.newBuilder()
                .setModel(MODEL)
                .addSegments(segment(segment))
                .setLimits(Limits.newBuilder().setMaxTokens(maxTokens));
    }

    static Segment segment(int n) {
        return Segment.newBuilder()
                .setKey(ByteString.copyFrom(FakeStateStore.key(n).toBytes()))
                .setTokens(n)
                .build();
    }

    static List<Long> hashes(int... segments) {
        return IntStream.of(segments)
                .mapToObj(n -> new FakeStateStore().put(FakeStateStore.key(n), n, n))
                .toList();
    }

    static List<Integer> greedy(int tokens, int... segments) {
        return FakeModel.output(
                hashes(segments), new int[0], tokens, SamplingParameters.GREEDY, tokenizer.vocabularySize());
    }

    static String text(List<Integer> tokens) {
        return tokenizer.decode(tokens.stream().mapToInt(Integer::intValue).toArray(), true);
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test did not go on");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
