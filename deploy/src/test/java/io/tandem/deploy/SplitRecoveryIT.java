package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.models.batches.Batch;
import com.openai.models.files.FileObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What outlives a connection outlives the broker and the gateway; what one of two nodes of the cache held, the other has too. */
class SplitRecoveryIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LINES = 20;
    private static final int FILES = 5;
    private static final int KNOWN = 8;
    private static final String STATES_WRITTEN = "tandem_cache_writes_total";
    private static final String LINES_ANSWERED = "tandem_gateway_batch_lines_total";

    private static SplitProcess split;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        split = SplitProcess.start("split-recovery", "--decoders", "1", "--caches", "2");
    }

    @AfterAll
    static void end() {
        split.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"broker", "gateway"})
    void documentsAndBatchesCompleteWhoeverIsKilled(String role) throws IOException {
        Api api = split.api();
        try (FilesIT.Uploads uploads = new FilesIT.Uploads(api);
                BatchesIT.Lines lines = new BatchesIT.Lines(api)) {
            Path questions = BatchesIT.write(folder, api, LINES);
            List<String> files = new ArrayList<>();
            for (int i = 0; i < FILES; i++) {
                files.add(uploads.upload(document(role, i)).id());
            }
            double before = api.metric(LINES_ANSWERED);
            Batch batch = lines.create(questions);
            Eventually.holds(PATIENCE, "some lines are answered", () -> api.metric(LINES_ANSWERED) - before > 2);

            SplitProcess.Member victim = split.first(role);
            victim.signal(true);
            split.awaitSuccessor(victim);

            lines.await(batch, Batch.Status.COMPLETED);
            if (role.equals("broker")) {
                assertEquals(LINES, api.metric(LINES_ANSWERED) - before, "lines answered, none of them twice");
            }
            BatchesIT.assertSameAsAlone(api, lines.output(batch), LINES);
            for (String file : files) {
                FileObject processed = uploads.awaitProcessed(file);
                JsonNode answer = api.post("/v1/chat/completions", FilesIT.question(api, processed.id()));
                assertTrue(cached(answer) > 500, "the document's tokens were encoded before: " + answer);
            }
        }
    }

    @Test
    void aKilledNodeOfTheCacheTakesNothingAlong() throws IOException {
        String model = split.api().model();
        List<SteadyLoad.Question> known =
                SplitFaultsIT.questions(model, DemoEvaluationIT.cases(), false).subList(0, KNOWN);
        known.forEach(question -> split.api().post("/v1/chat/completions", question.body()));
        try (SteadyLoad load = new SteadyLoad(split.api())) {
            load.add(number -> known.get(number % known.size()));
            load.add(number -> SplitFaultsIT.streamed(known.get((number + 7) % known.size())));
            load.awaitRound();
            SplitProcess.Member victim = split.first("cache");
            victim.signal(true);
            load.awaitRound();
            for (SteadyLoad.Question question : known) {
                JsonNode answer = split.api().post("/v1/chat/completions", question.body());
                assertEquals(
                        question.answer(),
                        answer.at("/choices/0/message/content").asText());
                assertEquals(answer.at("/usage/prompt_tokens").asInt(), cached(answer), "read again: " + answer);
            }
            split.awaitSuccessor(victim);
            load.awaitRound();
            System.out.printf("kill -9 of one of two nodes of the cache: %s%n", load);
            assertEquals(List.of(), List.copyOf(load.wrong));
            assertEquals(
                    List.of(0, 0, 0, 0),
                    List.of(load.refused.get(), load.broken.get(), load.streamsBroken.get(), load.streamsFailed.get()),
                    "refused, broken whole answers, broken and failed streams");
        }
    }

    @Test
    void damagedAndHalfEvictedStatesAreEncodedAgain() throws IOException {
        Api api = split.api();
        ObjectNode question = api.chat(Api.JSON.getNodeFactory().textNode("What is the oven temperature?"));
        question.putArray("documents").addObject().put("text", Files.readString(document("damage", 1)));
        JsonNode answer = api.post("/v1/chat/completions", question);
        try (CachedEntries entries = CachedEntries.of(split.members("cache"))) {
            double written = split.metric("encoder", STATES_WRITTEN);
            assertTrue(entries.damageChunks() > 2, "chunks");
            // The one that is there has read them before.
            split.command("restart decoder", "The decoder role was restarted");
            assertEquals(
                    answer.get("choices"),
                    api.post("/v1/chat/completions", question).get("choices"));
            assertEquals(2, split.metric("encoder", STATES_WRITTEN) - written, "states of document and question");

            assertTrue(entries.dropSecondChunks() > 0, "states of several chunks");
            JsonNode again = api.post("/v1/chat/completions", question);
            assertEquals(answer.get("choices"), again.get("choices"));
            assertEquals(3, split.metric("encoder", STATES_WRITTEN) - written, "with that of the document again");
            assertTrue(cached(again) < 100, "tokens that were not read again: " + again);
        }
    }

    private static int cached(JsonNode answer) {
        return answer.at("/usage/prompt_tokens_details/cached_tokens").asInt();
    }

    /** Long enough for a kill to hit one of them while it is encoded. */
    private Path document(String role, int number) throws IOException {
        String text = IntStream.range(0, 50)
                .mapToObj(line -> "Page %d for the %s, line %d: the oven should be at %d degrees."
                        .formatted(number, role, line, 100 + number))
                .collect(Collectors.joining("\n"));
        return Files.writeString(folder.resolve(role + number + ".txt"), text);
    }
}
