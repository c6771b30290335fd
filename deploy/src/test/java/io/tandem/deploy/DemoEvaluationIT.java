package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** The demo model's held-out questions over HTTP: every answer is the one that transformers gives. */
@ExtendWith(DemoServer.class)
class DemoEvaluationIT {

    @TestFactory
    Stream<DynamicTest> answersAsTransformersDoes(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        String model = api.model();
        return cases().stream()
                .map(question -> dynamicTest(
                        question.get("id").asText() + " " + question.get("task").asText(), () -> {
                            JsonNode answer = api.post("/v1/chat/completions", request(model, question));
                            assertEquals(
                                    question.get("transformers_output").asText(),
                                    answer.at("/choices/0/message/content").asText());
                            assertEquals(
                                    question.get("transformers_tokens"), answer.at("/choices/0/token_ids"), "token ids");
                            assertEquals(
                                    question.get("transformers_tokens").size(),
                                    answer.at("/usage/completion_tokens").asInt());
                        }));
    }

    static List<JsonNode> cases() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        for (String line : Files.readAllLines(TandemProcess.evaluation().resolve("cases.jsonl"))) {
            cases.add(Api.JSON.readTree(line));
        }
        return cases;
    }

    /** A question as a client would ask it: pictures as data URIs, documents inline. */
    static ObjectNode request(String model, JsonNode question) {
        ObjectNode body = Api.JSON.createObjectNode();
        body.put("model", model).put("temperature", 0).put("max_tokens", 64).put("return_token_ids", true);
        ArrayNode messages = body.putArray("messages");
        for (JsonNode message : question.get("messages")) {
            ObjectNode copy = messages.addObject().put("role", message.get("role").asText());
            if (message.get("content").isTextual()) {
                copy.set("content", message.get("content"));
            } else {
                ArrayNode parts = copy.putArray("content");
                message.get("content").forEach(part -> parts.add(part(part)));
            }
        }
        if (question.has("documents")) {
            ArrayNode documents = body.putArray("documents");
            question.get("documents")
                    .forEach(document -> documents.addObject().put("text", document.asText()));
        }
        return body;
    }

    private static ObjectNode part(JsonNode part) {
        if (!part.get("type").asText().equals("image")) {
            return Api.text(part.get("text").asText());
        }
        Path file = TandemProcess.evaluation().resolve(part.get("image").asText());
        return Api.picture(file);
    }
}
