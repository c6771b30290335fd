package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/**
 * Many questions about few documents, with several decoders and two encoders: every document is read once, answers are those of the
 * all-in-one app. The number of questions is the property tandem.test.questions.
 */
class SplitDocumentsIT {

    private static final int QUESTIONS = Integer.getInteger("tandem.test.questions", 400);
    private static final int DOCUMENTS = 50;

    /** Different questions, each a text of its own to be read. */
    private static final int KINDS = Math.min(20, Math.ceilDiv(QUESTIONS, DOCUMENTS));

    private static final int AT_ONCE = 16;
    private static final String WRITES = "tandem_cache_writes_total";

    @Test
    void everyDocumentIsReadOnceAndAnsweredAsByOneProcess() throws Exception {
        List<ObjectNode> bodies = bodies();
        List<JsonNode> expected = expected(bodies);
        try (SplitProcess split = SplitProcess.start("split-documents", "--decoders", "3", "--encoders", "2")) {
            double writes = split.metric("encoder", WRITES);

            List<JsonNode> answers = together(split.api(), bodies);

            assertEquals(expected, answers);
            assertEquals(DOCUMENTS + KINDS, split.metric("encoder", WRITES) - writes, "states made");
            List<Double> shares = split.members("decoder").stream()
                    .map(member -> member.operations().metric("tandem_decoder_tokens_total"))
                    .toList();
            System.out.printf(
                    "%d questions about %d documents: tokens written by each decoder: %s%n",
                    QUESTIONS, DOCUMENTS, shares);
            assertTrue(shares.stream().allMatch(share -> share > 0), "all decoders work: " + shares);
        }
    }

    private static List<JsonNode> expected(List<ObjectNode> bodies) throws Exception {
        try (TandemProcess together = TandemProcess.start("split-reference", TandemProcess.demoModel())) {
            return together(together.api(), bodies);
        }
    }

    private static List<ObjectNode> bodies() {
        List<ObjectNode> bodies = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
            ObjectNode body = Api.JSON.createObjectNode();
            body.put("model", "demo-model")
                    .put("temperature", 0)
                    .put("max_tokens", 24)
                    .put("return_token_ids", true);
            body.putArray("messages").addObject().put("role", "user").put("content", question(i / DOCUMENTS % KINDS));
            body.putArray("documents").addObject().put("text", document(i % DOCUMENTS));
            bodies.add(body);
        }
        Collections.shuffle(bodies, new Random(7));
        return bodies;
    }

    private static String document(int number) {
        return ("Product sheet %d. The manufacturer is Sunwind and Sons. The price is €%d. The colour is %s. The weight is %d kg."
                        + " The train to the shop leaves at %02d:15 from platform %d.")
                .formatted(
                        number,
                        20 + number,
                        List.of("brown", "red", "blue", "green").get(number % 4),
                        1 + number % 9,
                        6 + number % 12,
                        1 + number % 20);
    }

    private static String question(int kind) {
        return "Question %d. What is the %s of the product?"
                .formatted(
                        kind,
                        List.of("price", "colour", "weight", "manufacturer").get(kind % 4));
    }

    private static List<JsonNode> together(Api api, List<ObjectNode> bodies) throws Exception {
        Semaphore atOnce = new Semaphore(AT_ONCE);
        List<JsonNode> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JsonNode>> running = new ArrayList<>();
            for (ObjectNode body : bodies) {
                running.add(clients.submit(() -> {
                    atOnce.acquire();
                    try {
                        return api.post("/v1/chat/completions", body).at("/choices/0/token_ids");
                    } finally {
                        atOnce.release();
                    }
                }));
            }
            for (Future<JsonNode> answer : running) {
                answers.add(answer.get());
            }
        }
        return answers;
    }
}
