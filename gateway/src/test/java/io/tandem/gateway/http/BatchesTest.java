package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.BatchesConfig;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches from a file of lines to a file of answers. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class BatchesTest extends ApiTest {

    private static final String BATCHES = "/v1/batches";
    private static final ObjectMapper JSON = new ObjectMapper();

    @Inject
    BatchesConfig config;

    @AfterEach
    void endAll() {
        cluster.reset();
        Eventually.check("every batch has ended", () -> {
            List<String> open = given().get(BATCHES + "?limit=100")
                    .path(
                            "data.findAll { it.completed_at == null && it.failed_at == null && it.cancelled_at == null }.id");
            return open.isEmpty();
        });
        List<String> ids = given().get("/v1/files").path("data.id");
        ids.forEach(id -> given().delete("/v1/files/" + id).then().statusCode(200));
    }

    @Test
    void everyLineIsAnsweredOnceAsTheRouteAnswersIt() {
        List<String> lines = IntStream.range(0, 70)
                .mapToObj(i -> line("line-" + i, COMPLETIONS, "{\"model\": \"t5gemma-2\", \"prompt\": \"p\"}"))
                .toList();
        Response batch = ended(create(lines, COMPLETIONS), "completed");
        batch.then()
                .body("object", equalTo("batch"))
                .body("request_counts.total", equalTo(70))
                .body("request_counts.completed", equalTo(70))
                .body("request_counts.failed", equalTo(0))
                .body("error_file_id", nullValue())
                .body("errors", nullValue())
                .body("cancelled_at", nullValue());
        Map<String, JsonNode> answers = output(batch, "output_file_id");
        assertEquals(70, answers.size());
        JsonNode direct = json(given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"prompt\": \"p\"}")
                .post(COMPLETIONS)
                .asString());
        for (JsonNode answer : answers.values()) {
            assertTrue(answer.get("id").asText().startsWith("batch_req_"));
            assertTrue(answer.get("error").isNull());
            assertEquals(200, answer.at("/response/status_code").asInt());
            assertTrue(answer.at("/response/request_id").asText().startsWith("req_"));
            assertEquals(direct.get("choices"), answer.at("/response/body/choices"));
            assertEquals(direct.at("/usage/total_tokens"), answer.at("/response/body/usage/total_tokens"));
        }
        given().get("/v1/files/" + batch.path("output_file_id"))
                .then()
                .body("purpose", equalTo("batch_output"))
                .body("status", equalTo("processed"));
    }

    @Test
    void whatIsWrongWithABodyIsItsOwnAnswer() {
        List<String> lines = List.of(
                line("good", CHAT, chat("")),
                line("hot", CHAT, chat(", \"temperature\": 9")),
                line("streamed", CHAT, chat(", \"stream\": true")),
                line("other", CHAT, chat("").replace("t5gemma-2", "gpt-4o")),
                line("file", CHAT, chat(", \"documents\": [{\"file_id\": \"file-none\"}]")));
        Response batch = ended(create(lines, CHAT), "completed");
        batch.then().body("request_counts.completed", equalTo(1)).body("request_counts.failed", equalTo(4));
        assertEquals(
                List.of("good"), List.copyOf(output(batch, "output_file_id").keySet()));
        Map<String, JsonNode> errors = output(batch, "error_file_id");
        assertError(errors.get("hot"), 400, "temperature", "invalid_value");
        assertError(errors.get("streamed"), 400, "stream", "unsupported_parameter");
        assertError(errors.get("other"), 404, "model", "model_not_found");
        assertError(errors.get("file"), 404, "documents[0].file_id", "not_found");
    }

    @Test
    void cancellingEndsWhatRuns() {
        cluster.decoders().forEach(FakeDecoder::hold);
        Response batch = create(hundred(), COMPLETIONS);
        Eventually.check("lines run", () -> cluster.written.size() == config.parallel());
        Response cancelling = given().post(BATCHES + "/" + batch.path("id") + "/cancel");
        cancelling.then().statusCode(200).body("status", equalTo("cancelling"));
        Response cancelled = ended(batch, "cancelled");
        cancelled.then().body("output_file_id", nullValue()).body("error_file_id", nullValue());
        assertEquals(config.parallel(), cluster.written.size());
        given().post(BATCHES + "/" + batch.path("id") + "/cancel").then().statusCode(400);
    }

    @Test
    void requestsComeFirst() {
        cluster.decoders().forEach(FakeDecoder::hold);
        Response batch = create(hundred(), COMPLETIONS);
        Eventually.check("lines run", () -> admission.runningInBackground() == config.parallel());
        cluster.reset();
        for (int i = 0; i < 10; i++) {
            given().contentType(ContentType.JSON)
                    .body(chat(""))
                    .post(CHAT)
                    .then()
                    .statusCode(200);
        }
        given().get(BATCHES + "/" + batch.path("id")).then().body("status", equalTo("in_progress"));
        given().post(BATCHES + "/" + batch.path("id") + "/cancel").then().statusCode(200);
        ended(batch, "cancelled");
    }

    @Test
    void failuresThatPassAreMetAgainAndOthersGiveALineUp() {
        cluster.encoder.failNext(new TandemException(ErrorCode.OVERLOADED, null, "Too much to do."));
        Response batch = ended(create(hundred().subList(0, 3), COMPLETIONS), "completed");
        batch.then().body("request_counts.completed", equalTo(3));
        cluster.decoders()
                .forEach(decoder -> decoder.failAll(new TandemException(ErrorCode.INTERNAL, null, "Broken.")));
        Response poison = ended(create(hundred().subList(0, 1), COMPLETIONS), "completed");
        JsonNode error = output(poison, "error_file_id").get("0");
        assertTrue(error.get("response").isNull());
        assertEquals("internal_error", error.at("/error/code").asText());
    }

    @Test
    void batchesAreListedNewestFirst() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.addFirst(ended(create(hundred().subList(0, 1), COMPLETIONS), "completed")
                    .path("id"));
        }
        given().get(BATCHES + "?limit=2")
                .then()
                .body("data.id", equalTo(ids.subList(0, 2)))
                .body("has_more", equalTo(true))
                .body("last_id", equalTo(ids.get(1)));
        given().get(BATCHES + "?limit=1&after=" + ids.get(1)).then().body("data.id", equalTo(ids.subList(2, 3)));
        given().get(BATCHES + "?limit=0").then().statusCode(400).body("error.param", equalTo("limit"));
        given().get(BATCHES + "?after=x").then().statusCode(400).body("error.param", equalTo("after"));
        given().get(BATCHES + "/batch_x").then().statusCode(404);
    }

    @Test
    void whatIsNoBatchIsRefused() {
        String file = upload(hundred());
        refused("{}", 400, "input_file_id");
        refused(order("file-none", COMPLETIONS, ""), 404, "input_file_id");
        refused(order(file, "/v1/embeddings", ""), 400, "endpoint");
        refused(order(file, COMPLETIONS, "").replace("24h", "1h"), 400, "completion_window");
        refused(order(file, COMPLETIONS, ", \"metadata\": {\"a\": 1}"), 400, "metadata.a");
        refused(
                order(file, COMPLETIONS, ", \"output_expires_after\": {\"anchor\": \"now\"}"),
                400,
                "output_expires_after.anchor");
        String document = given().multiPart("purpose", "user_data")
                .multiPart("file", "a.txt", new byte[] {'a'})
                .post("/v1/files")
                .path("id");
        refused(order(document, COMPLETIONS, ""), 400, "input_file_id");
        given().multiPart("purpose", "batch_output")
                .multiPart("file", "a.txt", new byte[] {'a'})
                .post("/v1/files")
                .then()
                .statusCode(400)
                .body("error.param", equalTo("purpose"));
    }

    @Test
    void linesOutliveTheirFile() {
        String file = upload(hundred().subList(0, 5));
        cluster.decoders().forEach(FakeDecoder::hold);
        Response batch = post(order(file, COMPLETIONS, ", \"metadata\": {\"who\": \"me\"}"));
        batch.then().body("metadata.who", equalTo("me"));
        given().delete("/v1/files/" + file).then().statusCode(200);
        Eventually.check("lines run", () -> !cluster.written.isEmpty());
        given().post(BATCHES + "/" + batch.path("id") + "/cancel").then().statusCode(200);
        ended(batch, "cancelled");
    }

    @Test
    void malformedFilesSayWhichLineAndWhy() {
        for (MalformedLines.Case malformed : MalformedLines.ALL) {
            String good = line("good", COMPLETIONS, "{\"model\": \"t5gemma-2\", \"prompt\": \"p\"}");
            byte[] first = (good + "\n").getBytes(StandardCharsets.UTF_8);
            byte[] bytes = new byte[first.length + malformed.line().length];
            System.arraycopy(first, 0, bytes, 0, first.length);
            System.arraycopy(malformed.line(), 0, bytes, first.length, malformed.line().length);
            ended(post(order(upload(bytes), COMPLETIONS, "")), "failed")
                    .then()
                    .body("errors.object", equalTo("list"))
                    .body("errors.data", hasSize(1))
                    .body("errors.data[0].code", equalTo(malformed.code()))
                    .body("errors.data[0].param", equalTo(malformed.param()))
                    .body("errors.data[0].line", equalTo(2));
        }
        assertTrue(MalformedLines.ALL.size() >= 30, "cases");
    }

    @Test
    void malformedFilesSayWhatIsWrongWithAll() {
        ended(post(order(upload(new byte[] {'\n'}), COMPLETIONS, "")), "failed")
                .then()
                .body("errors.data[0].code", equalTo("empty_file"))
                .body("errors.data[0].line", nullValue());
        List<String> many = new ArrayList<>(hundred());
        IntStream.range(100, 301).forEach(i -> many.add(completion(i)));
        ended(create(many, COMPLETIONS), "failed")
                .then()
                .body("errors.data[0].code", equalTo("too_many_requests"))
                .body("errors.data[0].line", nullValue());
        String spaced = completion(1) + "\r\n" + completion(2) + "\n\n \n";
        ended(post(order(upload(spaced.getBytes(StandardCharsets.UTF_8)), COMPLETIONS, "")), "completed")
                .then()
                .body("request_counts.total", equalTo(2));
    }

    private static void assertError(JsonNode line, int status, String param, String code) {
        assertEquals(status, line.at("/response/status_code").asInt(), line.toString());
        assertEquals(param, line.at("/response/body/error/param").asText());
        assertEquals(code, line.at("/response/body/error/code").asText());
    }

    private static void refused(String order, int status, String param) {
        post(order).then().statusCode(status).body("error.param", equalTo(param));
    }

    private static List<String> hundred() {
        return IntStream.range(0, 100).mapToObj(BatchesTest::completion).toList();
    }

    private static String completion(int number) {
        return line(Integer.toString(number), COMPLETIONS, "{\"model\": \"t5gemma-2\", \"prompt\": \"p\"}");
    }

    private static String chat(String more) {
        return "{\"model\": \"t5gemma-2\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]" + more + "}";
    }

    private static String line(String customId, String url, String body) {
        ObjectNode line = JSON.createObjectNode()
                .put("custom_id", customId)
                .put("method", "POST")
                .put("url", url);
        return line.set("body", json(body)).toString();
    }

    private static Response create(List<String> lines, String endpoint) {
        return post(order(upload(lines), endpoint, ""));
    }

    private static String order(String file, String endpoint, String more) {
        return "{\"input_file_id\": \"%s\", \"endpoint\": \"%s\", \"completion_window\": \"24h\"%s}"
                .formatted(file, endpoint, more);
    }

    private static Response post(String order) {
        return given().contentType(ContentType.JSON).body(order).post(BATCHES);
    }

    private static String upload(List<String> lines) {
        return upload(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    private static String upload(byte[] content) {
        return given().multiPart("purpose", "batch")
                .multiPart("file", "lines.jsonl", content)
                .post("/v1/files")
                .path("id");
    }

    private static Response ended(Response batch, String status) {
        String path = BATCHES + "/" + batch.path("id");
        Eventually.check(
                path + " is " + status, () -> status.equals(given().get(path).path("status")));
        return given().get(path);
    }

    private static Map<String, JsonNode> output(Response batch, String file) {
        Map<String, JsonNode> byId = new TreeMap<>();
        given().get("/v1/files/" + batch.path(file) + "/content")
                .asString()
                .lines()
                .map(BatchesTest::json)
                .forEach(line -> assertTrue(byId.put(line.get("custom_id").asText(), line) == null, "once"));
        return byId;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }
}
