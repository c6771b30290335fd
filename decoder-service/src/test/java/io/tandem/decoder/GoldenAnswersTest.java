package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.tandem.cache.ByteSize;
import io.tandem.cache.CacheConfig;
import io.tandem.cache.ContentKey;
import io.tandem.cache.EmbeddedStateStore;
import io.tandem.cache.StateStore;
import io.tandem.cache.StateWriter;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.encoder.v1.TokenIds;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The real model behind the service: encoded prompts through the real store, all cases at once over so few pages
 * that sequences have to give theirs back, and the tokens that transformers computed.
 */
@Timeout(120)
class GoldenAnswersTest {

    private static final String FOLDER = "text-sliding";
    private static final int PAGES = 24;

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void allCasesAtOnceGiveTheTokensOfTransformers(String backend) throws Exception {
        GoldenCases golden = GoldenCases.open(FOLDER);
        try (Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder(FOLDER));
                Engine engine = Engine.load(
                        checkpoint,
                        Backends.open(backend, 1),
                        EnumSet.of(Part.ENCODER, Part.DECODER),
                        LoadProgress.SILENT);
                Tokenizer tokenizer = Tokenizer.open(GoldenCases.folder(FOLDER));
                StateStore store = smallStore();
                EncoderRunner encoder = engine.newEncoderRunner();
                DecoderRunner runner = engine.newDecoderRunner(PAGES, 4);
                DecoderServer server = new DecoderServer(
                        new TestConfig(1 << 20, 64, 8, 32, TestConfig.ROOMY.patience()),
                        new DecoderModel(runner, tokenizer, engine.config().stopTokens()),
                        store)) {
            Map<GoldenCase, Answer> answers = new LinkedHashMap<>();
            for (GoldenCase each : golden.cases()) {
                if (isGreedyAlone(each)) {
                    answers.put(each, server.call(request(each, encoder, store)));
                }
            }
            assertEquals(6, answers.size());
            for (Map.Entry<GoldenCase, Answer> entry : answers.entrySet()) {
                assertEquals(
                        tokens(entry.getKey()),
                        entry.getValue().toEnd().tokens(),
                        entry.getKey().name());
            }
            assertEquals(List.of(), server.leftovers());
        }
    }

    /** One row, greedy, on the weights as they are. */
    private static boolean isGreedyAlone(GoldenCase golden) {
        boolean alone = golden.tensor("tokens").shape()[0] == 1;
        return alone && golden.generate("num_beams").isMissingNode() && !golden.bfloat16Weights();
    }

    private static List<Integer> tokens(GoldenCase golden) {
        int length = golden.tensor("lengths").ints()[0];
        return Arrays.stream(golden.tensor("tokens").ints())
                .limit(length)
                .boxed()
                .toList();
    }

    private static GenerateRequest request(GoldenCase golden, EncoderRunner encoder, StateStore store) {
        GenerateRequest.Builder request = GenerateRequest.newBuilder()
                .setReturnTokenIds(true)
                .setLimits(Limits.newBuilder()
                        .setMaxTokens(golden.generate("max_new_tokens").asInt()));
        if (golden.tensors().containsKey("decoder_input_ids")) {
            int[] forced = golden.tensor("decoder_input_ids").ints();
            request.setPrefixTokenIds(TokenIds.newBuilder()
                    .addAllIds(Arrays.stream(forced).skip(1).boxed().toList()));
        }
        List<EncoderInput> inputs = inputs(golden);
        List<float[]> states = encoder.encode(inputs); // each [tokens, hiddenSize]
        for (int i = 0; i < inputs.size(); i++) {
            int rows = inputs.get(i).tokens().length;
            byte[] name = (golden.name() + i).getBytes(StandardCharsets.UTF_8);
            byte[] key = Arrays.copyOf(name, ContentKey.LENGTH);
            store(store, ContentKey.of(key), states.get(i), rows);
            request.addSegments(Segment.newBuilder()
                    .setKey(ByteString.copyFrom(key))
                    .setTokens(rows)
                    .addAllTokenIds(
                            Arrays.stream(inputs.get(i).tokens()).boxed().toList()));
        }
        return request.build();
    }

    /** A store for what tests encode. */
    static StateStore smallStore() {
        return EmbeddedStateStore.open(new SmallCache());
    }

    /** @param states [rows, hiddenSize] */
    static void store(StateStore store, ContentKey key, float[] states, int rows) {
        try (StateWriter writer = store.write(key, rows, states.length / rows)) {
            writer.append(states, 0, rows);
            writer.commit();
        }
    }

    /** The documents of a case where it has some, else its prompt. */
    private static List<EncoderInput> inputs(GoldenCase golden) {
        List<EncoderInput> documents = IntStream.range(0, 8)
                .mapToObj(i -> golden.tensors().get("document." + i))
                .takeWhile(document -> document != null)
                .map(document -> new EncoderInput(document.ints()))
                .toList();
        return documents.isEmpty()
                ? List.of(new EncoderInput(golden.tensor("input_ids").ints()))
                : documents;
    }

    private record SmallCache() implements CacheConfig {

        @Override
        public ByteSize maxSize() {
            return ByteSize.parse("16M");
        }

        @Override
        public ByteSize chunkSize() {
            return ByteSize.parse("1K");
        }
    }
}
