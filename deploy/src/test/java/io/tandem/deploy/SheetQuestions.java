package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Questions about product sheets, each about one, and clients that ask them one after the other. Immutable. */
final class SheetQuestions {

    private static final Pattern TIMING = Pattern.compile("(queue|transfer|decode);dur=([0-9.]+)");

    private final List<Question> questions;
    private final int clients;
    private final Consumer<ObjectNode> settings;

    /**
     * @param count of questions
     * @param documents that they are about
     * @param kinds different questions about each
     * @param clients that wait for their answers
     * @param settings adds to a request what is not its text: the model, the length
     */
    SheetQuestions(int count, int documents, int kinds, int clients, Consumer<ObjectNode> settings) {
        List<Question> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new Question(i % documents, i / documents % kinds));
        }
        Collections.shuffle(all, new Random(7));
        this.questions = List.copyOf(all);
        this.clients = clients;
        this.settings = settings;
    }

    /** Asks kind of question about a document. */
    record Question(int document, int kind) {

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
    record Answered(JsonNode tokens, int promptTokens, double elsewhere, double decoding) {}

    /** In the order in which they are asked. */
    List<Question> questions() {
        return questions;
    }

    int clients() {
        return clients;
    }

    /** Asks them all; gives the answers in their order. */
    List<Answered> ask(Api api) throws Exception {
        AtomicInteger next = new AtomicInteger();
        Answered[] answers = new Answered[questions.size()];
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                running.add(threads.submit(() -> {
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

    private Answered ask(Api api, Question question) {
        long start = System.nanoTime();
        HttpResponse<String> response =
                api.postRaw("/v1/chat/completions", body(question).toString());
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

    private ObjectNode body(Question question) {
        ObjectNode body = Api.JSON.createObjectNode();
        body.put("temperature", 0).put("return_token_ids", true);
        body.putArray("messages").addObject().put("role", "user").put("content", question.text());
        body.putArray("documents").addObject().put("text", question.documentText());
        settings.accept(body);
        return body;
    }
}
