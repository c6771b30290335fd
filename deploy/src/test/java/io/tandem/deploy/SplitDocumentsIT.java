package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.bench.capacity.Result;
import io.tandem.bench.capacity.Simulation;
import io.tandem.engine.ops.KvShape;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Many questions about few documents, with several decoders, each with room for a few of them: every document is read once, answers are
 * those of the all-in-one app, and documents are found in decoders as often as the capacity model says. The number of questions is the
 * property tandem.test.questions; throughput is held against the model too when tandem.test.capacity.exact is set, on a machine that does
 * nothing else. Waits are only printed.
 */
class SplitDocumentsIT {

    private static final int QUESTIONS = Integer.getInteger("tandem.test.questions", 200);
    private static final boolean EXACT = Boolean.getBoolean("tandem.test.capacity.exact");
    private static final int DOCUMENTS = QUESTIONS < 1000 ? 20 : 50;

    /** Different questions, each a text of its own to be read. */
    private static final int KINDS = Math.min(20, Math.ceilDiv(QUESTIONS, DOCUMENTS));

    /** Two for each decoder: waits for room would depend on how fast the machine is, and hits on them. */
    private static final int AT_ONCE = 6;
    /** Documents with their questions for which a decoder has room: three fifths of those that it is asked about. */
    private static final int ROOM = DOCUMENTS / 5;

    /** Beside other work, processes wait for cores and not for each other, which the model knows nothing of. */
    private static final double TOLERANCE = EXACT ? 0.15 : 0.5;

    private static final String WRITES = "tandem_cache_writes_total";
    private static final Pattern TIMING = Pattern.compile("(queue|transfer|decode);dur=([0-9.]+)");

    /** Asks kind of question about a document. */
    record Question(int document, int kind) {

        ObjectNode body() {
            ObjectNode body = Api.JSON.createObjectNode();
            body.put("model", "demo-model")
                    .put("temperature", 0)
                    .put("max_tokens", 24)
                    .put("return_token_ids", true);
            body.putArray("messages").addObject().put("role", "user").put("content", text());
            body.putArray("documents").addObject().put("text", documentText());
            return body;
        }

        String text() {
            return "Question %d. What is the %s of the product?"
                    .formatted(
                            kind,
                            List.of("price", "colour", "weight", "manufacturer").get(kind % 4));
        }

        String documentText() {
            return ("Product sheet %d. The manufacturer is Sunwind and Sons. The price is €%d. The colour is %s. The weight is"
                            + " %d kg. The train to the shop leaves at %02d:15 from platform %d.")
                    .formatted(
                            document,
                            20 + document,
                            List.of("brown", "red", "blue", "green").get(document % 4),
                            1 + document % 9,
                            6 + document % 12,
                            1 + document % 20);
        }
    }

    /**
     * An answer, and what it took.
     *
     * @param elsewhere seconds in gateway, encoder and client
     * @param decoding seconds from its place in the batch to its end
     */
    private record Answered(JsonNode tokens, int promptTokens, double elsewhere, double decoding) {}

    @Test
    void everyDocumentIsReadOnceAndAnsweredAsByOneProcess() throws Exception {
        List<Question> questions = questions();
        List<Answered> expected = expected(questions);
        Map<String, String> room = Map.of("TANDEM_DECODER_ENCODER_MEMORY", String.valueOf(room(expected)));
        try (SplitProcess split = SplitProcess.start("split-documents", room, "--decoders", "3", "--encoders", "2")) {
            double writes = split.metric("encoder", WRITES);
            long start = System.nanoTime();
            List<Answered> answers = together(split.api(), questions);
            double seconds = (System.nanoTime() - start) / 1e9;

            assertEquals(tokens(expected), tokens(answers));
            assertEquals(DOCUMENTS + KINDS, split.metric("encoder", WRITES) - writes, "states made");
            List<Double> shares = split.members("decoder").stream()
                    .map(member -> member.operations().metric("tandem_decoder_tokens_total"))
                    .toList();
            System.out.printf(
                    "%d questions about %d documents: tokens written by each decoder: %s%n",
                    QUESTIONS, DOCUMENTS, shares);
            assertTrue(shares.stream().allMatch(share -> share > 0), "all decoders work: " + shares);
            compare(new SplitCapacity(split, room(expected)), questions, answers, seconds);
            assertEquals(DOCUMENTS + KINDS, split.metric("encoder", WRITES) - writes, "and none to look at keys");
        }
    }

    private static void compare(
            SplitCapacity capacity, List<Question> questions, List<Answered> answers, double seconds) {
        List<Integer> lengths =
                answers.stream().map(answer -> answer.tokens().size()).toList();
        Result simulated = Simulation.run(
                capacity.scenario(mean(answers, Answered::elsewhere), mean(answers, Answered::decoding), lengths),
                capacity.trace(questions, lengths, AT_ONCE));
        double perSecond = simulated.pace().requests();
        System.out.printf(
                "found in decoders %.3f of segments and %.3f of tokens, simulated %.3f and %.3f;"
                        + " questions a second %.1f, simulated %.1f; mean wait %.4f s, simulated %.4f s%n",
                capacity.residentSegments(),
                capacity.residentTokens(),
                simulated.segments().rate(),
                simulated.tokens().rate(),
                questions.size() / seconds,
                perSecond,
                capacity.meanWait(),
                simulated.waits().queue().mean());
        assertEquals(2 * questions.size(), capacity.segments(), "document and question of each request");
        double documents = capacity.residentTokens();
        assertTrue(documents > 0.1 && documents < 0.9, documents + " says nothing about what has to make room");
        assertClose(simulated.segments().rate(), capacity.residentSegments(), "segments found in decoders");
        assertClose(simulated.tokens().rate(), documents, "tokens found in decoders");
        if (EXACT) {
            assertClose(perSecond, questions.size() / seconds, "questions a second");
        }
    }

    private static double mean(List<Answered> answers, ToDoubleFunction<Answered> seconds) {
        return answers.stream().mapToDouble(seconds).average().orElseThrow();
    }

    private static void assertClose(double simulated, double measured, String what) {
        assertEquals(simulated, measured, TOLERANCE * measured, what);
    }

    /** Bytes of a few documents and questions: with fewer there would be waits for room only, with more nothing would have to go. */
    private static long room(List<Answered> expected) {
        JsonNode decoder = Api.config(TandemProcess.demoModel()).get("decoder");
        KvShape shape = new KvShape(
                decoder.get("num_hidden_layers").asInt(),
                decoder.get("num_key_value_heads").asInt(),
                decoder.get("head_dim").asInt());
        int longest = expected.stream().mapToInt(Answered::promptTokens).max().orElseThrow();
        return shape.bytesPerToken() * longest * ROOM;
    }

    private static List<Answered> expected(List<Question> questions) throws Exception {
        try (TandemProcess together = TandemProcess.start("split-reference", TandemProcess.demoModel())) {
            return together(together.api(), questions);
        }
    }

    private static List<Question> questions() {
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
            questions.add(new Question(i % DOCUMENTS, i / DOCUMENTS % KINDS));
        }
        Collections.shuffle(questions, new Random(7));
        return questions;
    }

    /** Each client asks the next question when it has its answer. */
    private static List<Answered> together(Api api, List<Question> questions) throws Exception {
        AtomicInteger next = new AtomicInteger();
        Answered[] answers = new Answered[questions.size()];
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < AT_ONCE; client++) {
                running.add(clients.submit(() -> {
                    for (int i = next.getAndIncrement(); i < answers.length; i = next.getAndIncrement()) {
                        answers[i] = ask(api, questions.get(i));
                    }
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
        }
        return Arrays.asList(answers);
    }

    private static Answered ask(Api api, Question question) {
        long start = System.nanoTime();
        HttpResponse<String> response =
                api.postRaw("/v1/chat/completions", question.body().toString());
        double left = (System.nanoTime() - start) / 1e9;
        assertEquals(200, response.statusCode(), response.body());
        double decoding = 0;
        Matcher timing =
                TIMING.matcher(response.headers().firstValue("server-timing").orElseThrow());
        while (timing.find()) {
            double seconds = Double.parseDouble(timing.group(2)) / 1e3;
            left -= seconds;
            decoding = timing.group(1).equals("decode") ? seconds : decoding;
        }
        JsonNode answer = Api.parse(response.body());
        return new Answered(
                answer.at("/choices/0/token_ids"),
                answer.at("/usage/prompt_tokens").asInt(),
                Math.max(0, left),
                decoding);
    }

    private static List<JsonNode> tokens(List<Answered> answers) {
        return answers.stream().map(Answered::tokens).toList();
    }
}
