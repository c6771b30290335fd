package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.tandem.cache.StateStore;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.ChatMessage;
import io.tandem.engine.text.ChatTemplate;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.ModelIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The demo model behind the service on questions whose answers are copied: guesses are right, and change nothing. */
@Timeout(120)
class CopiedAnswersTest {

    private static final Path DEPLOY = Path.of(System.getProperty("tandem.root"), "deploy");
    private static final Path MODEL = DEPLOY.resolve("demo-model");
    private static final ModelIdentity IDENTITY = new ModelIdentity("demo");
    private static final Set<String> COPYING_TASKS = Set.of("repeat", "emails", "names");

    @Test
    void answersAreTheSameWithAndWithoutGuesses() throws Exception {
        try (Checkpoint checkpoint = Checkpoint.open(MODEL);
                Engine engine = Engine.load(
                        checkpoint,
                        Backends.open("cpu", 1),
                        EnumSet.of(Part.ENCODER, Part.DECODER),
                        LoadProgress.SILENT);
                Tokenizer tokenizer = Tokenizer.open(MODEL);
                StateStore store = GoldenAnswersTest.smallStore();
                DecoderRunner runner = engine.newDecoderRunner(40, 4);
                DecoderServer server = new DecoderServer(
                        new TestConfig(1 << 20, 64, 8, 32, TestConfig.ROOMY.patience()),
                        new DecoderModel(runner, tokenizer, engine.config().stopTokens(), IDENTITY),
                        store)) {
            List<JsonNode> cases = cases();
            List<GenerateRequest> known = new ArrayList<>();
            try (EncoderRunner encoder = engine.newEncoderRunner()) {
                ChatTemplate template = ChatTemplate.open(MODEL, tokenizer.specialTokens());
                for (int i = 0; i < cases.size(); i++) {
                    known.add(request(i, prompt(cases.get(i), template, tokenizer), encoder, store));
                }
            }
            List<List<Integer>> greedy = answers(server, known, Sampling.getDefaultInstance());
            for (int i = 0; i < cases.size(); i++) {
                assertEquals(
                        transformersTokens(cases.get(i)),
                        greedy.get(i),
                        "case " + cases.get(i).path("id"));
            }
            double accepted = server.counter("speculation.accepted");
            assertTrue(accepted > cases.size(), accepted + " of " + server.counter("speculation.proposed") + " right");
            List<GenerateRequest> unknown =
                    known.stream().map(CopiedAnswersTest::withoutTokens).toList();
            Sampling drawn = Sampling.newBuilder()
                    .setTemperature(0.7f)
                    .setTopP(0.95f)
                    .setSeed(7)
                    .build();
            assertEquals(answers(server, unknown, drawn), answers(server, known, drawn));
            assertEquals(List.of(), server.leftovers());
        }
    }

    /** All at once. */
    private static List<List<Integer>> answers(DecoderServer server, List<GenerateRequest> requests, Sampling sampling)
            throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (GenerateRequest request : requests) {
            answers.add(server.call(request.toBuilder().setSampling(sampling).build()));
        }
        List<List<Integer>> tokens = new ArrayList<>();
        for (Answer answer : answers) {
            tokens.add(answer.toEnd().tokens());
            assertEquals(answer.tokens().size(), answer.finished().getCompletionTokens());
        }
        return tokens;
    }

    private static List<JsonNode> cases() throws Exception {
        List<JsonNode> cases = new ArrayList<>();
        for (String line : Files.readAllLines(DEPLOY.resolve("src/test/eval/cases.jsonl"))) {
            JsonNode node = new ObjectMapper().readTree(line);
            if (COPYING_TASKS.contains(node.path("task").asText())) {
                cases.add(node);
            }
        }
        return cases;
    }

    private static int[] prompt(JsonNode node, ChatTemplate template, Tokenizer tokenizer) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : node.path("messages")) {
            messages.add(ChatMessage.of(
                    message.path("role").asText(), message.path("content").asText()));
        }
        return tokenizer.encodePrompt(template.render(messages, true));
    }

    private static List<Integer> transformersTokens(JsonNode node) {
        List<Integer> tokens = new ArrayList<>();
        node.path("transformers_tokens").forEach(token -> tokens.add(token.asInt()));
        return tokens;
    }

    private static GenerateRequest request(int number, int[] prompt, EncoderRunner encoder, StateStore store) {
        float[] states = encoder.encode(List.of(new EncoderInput(prompt))).getFirst(); // [tokens, hiddenSize]
        GoldenAnswersTest.store(store, FakeStateStore.key(number), states, prompt.length);
        return GenerateRequest.newBuilder()
                .setModel(IDENTITY.value())
                .setReturnTokenIds(true)
                .setLimits(Limits.newBuilder().setMaxTokens(64))
                .addSegments(Segment.newBuilder()
                        .setKey(ByteString.copyFrom(FakeStateStore.key(number).toBytes()))
                        .setTokens(prompt.length)
                        .addAllTokenIds(Arrays.stream(prompt).boxed().toList()))
                .build();
    }

    /** As from a service that doesn't tell them. */
    private static GenerateRequest withoutTokens(GenerateRequest request) {
        GenerateRequest.Builder copy = request.toBuilder();
        copy.getSegmentsBuilderList().forEach(Segment.Builder::clearTokenIds);
        return copy.build();
    }
}
