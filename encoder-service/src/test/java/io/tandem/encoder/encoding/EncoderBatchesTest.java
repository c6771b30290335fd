package io.tandem.encoder.encoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.LoadProgress;
import io.tandem.runtime.batching.BatchLimits;
import io.tandem.runtime.batching.BatchMetrics;
import io.tandem.runtime.batching.BatchWorker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class EncoderBatchesTest {

    private static final BatchLimits LIMITS =
            new BatchLimits(16, "tandem.test.max-queue", 512, "tandem.test.max-batch");

    @ParameterizedTest
    @CsvSource({"reference, true", "cpu, false"})
    void questionsOvertakeADocumentAndChangeNoBit(String backend, boolean slow) {
        try (Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder("text-sliding"));
                Engine engine = Engine.load(
                        checkpoint, Backends.open(backend, 2), EnumSet.of(Part.ENCODER), LoadProgress.SILENT)) {
            Random random = new Random(3);
            EncoderInput document = text(engine, random, 512);
            EncoderInput question = text(engine, random, 20);
            EncoderInput another = text(engine, random, 7);
            List<EncoderInput> inputs = List.of(document, question, another);
            List<float[]> together = new ArrayList<>();
            List<EncoderInput> order = Collections.synchronizedList(new ArrayList<>());
            try (BatchWorker<EncoderInput, float[]> worker = worker(engine)) {
                List<CompletableFuture<float[]>> states = new ArrayList<>();
                for (EncoderInput input : inputs) {
                    CompletableFuture<float[]> promise = worker.submit(input);
                    states.add(promise.whenComplete((values, failure) -> order.add(input)));
                }
                states.forEach(promise -> together.add(promise.join()));
            }
            if (slow) {
                assertEquals(document, order.getLast());
            }
            try (EncoderRunner runner = engine.newEncoderRunner()) {
                for (int i = 0; i < inputs.size(); i++) {
                    float[] alone = runner.encode(List.of(inputs.get(i))).getFirst();
                    assertArrayEquals(alone, together.get(i), "input " + i);
                }
            }
        }
    }

    private static BatchWorker<EncoderInput, float[]> worker(Engine engine) {
        return BatchWorker.start(
                "test-encoder",
                new EncoderBatches(engine.newEncoderRunner()),
                LIMITS,
                new BatchMetrics(new SimpleMeterRegistry(), "tandem.encoder", "tokens"));
    }

    private static EncoderInput text(Engine engine, Random random, int tokens) {
        return new EncoderInput(random.ints(0, engine.config().vocabSize())
                .filter(token -> token != engine.config().imageToken())
                .limit(tokens)
                .toArray());
    }
}
