package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The OpenAPI document says what is served, and no more. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class ApiDescriptionTest extends ApiTest {

    private static final String BATCHES = "/v1/batches";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Bodies that are right as they are, by path. */
    private static final Map<String, String> GOOD = Map.of(
            CHAT,
            "{\"model\": \"t5gemma-2\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
            COMPLETIONS,
            "{\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}",
            "/v1/embeddings",
            "{\"model\": \"t5gemma-2\", \"input\": \"hi\"}",
            "/tokenize",
            "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
            "/detokenize",
            "{\"tokens\": [5]}",
            BATCHES,
            "{\"input_file_id\": \"FILE\", \"endpoint\": \"/v1/completions\", \"completion_window\": \"24h\"}");

    private static final String LINE =
            "{\"custom_id\": \"1\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": {\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}}";

    @Inject
    ApiRoutes routes;

    @Test
    void everyRouteIsListed() throws JsonProcessingException {
        Set<String> served = new TreeSet<>();
        routes.endpoints()
                .forEach(endpoint ->
                        served.add(endpoint.method() + " " + endpoint.path().replaceAll(":(\\w+)", "{$1}")));
        Set<String> listed = listed();
        listed.removeIf(operation -> operation.contains(" /q/health/") || operation.endsWith(" /q/metrics"));
        assertEquals(served, listed);
    }

    @Test
    void everyListedRouteIsServed() throws JsonProcessingException {
        for (String operation : listed()) {
            String path = operation.substring(operation.indexOf(' ') + 1);
            if (operation.equals("POST /v1/files")) {
                upload().then().statusCode(200);
            } else if (operation.startsWith("DELETE ")) {
                given().delete(path.replace("{file_id}", upload().path("id")))
                        .then()
                        .statusCode(200);
            } else if (operation.equals("POST " + BATCHES)) {
                awaitBatch(batch().path("id"), "completed");
            } else if (operation.endsWith("/cancel")) {
                cluster.decoders().forEach(FakeDecoder::hold);
                String id = batch().path("id");
                given().post(path.replace("{batch_id}", id)).then().statusCode(200);
                awaitBatch(id, "cancelled");
                cluster.reset();
            } else if (path.contains("{batch_id}")) {
                awaitBatch(batch().path("id"), "completed");
            } else if (operation.startsWith("GET ")) {
                String named = path.contains("{file_id}")
                        ? path.replace("{file_id}", upload().path("id"))
                        : path.replace("{id}", "t5gemma-2");
                given().get(named).then().statusCode(200);
            } else {
                assertEquals(200, post(path, GOOD.get(path)).statusCode(), operation);
            }
        }
    }

    @Test
    void everyListedFieldIsRead() throws JsonProcessingException {
        JsonNode document = document();
        for (Map.Entry<String, String> good : GOOD.entrySet()) {
            JsonNode properties = resolved(
                            document,
                            document.at("/paths/" + good.getKey().replace("/", "~1")
                                    + "/post/requestBody/content/application~1json/schema"))
                    .get("properties");
            for (Map.Entry<String, JsonNode> property : properties.properties()) {
                ObjectNode body = (ObjectNode) JSON.readTree(good.getValue());
                // Nothing takes a list in a list in a list.
                body.putArray(property.getKey()).addArray().addArray();
                Response response = post(good.getKey(), body.toString());
                String what = property.getKey() + " of " + good.getKey();
                assertEquals(400, response.statusCode(), what);
                String param = response.path("error.param");
                assertTrue(param.startsWith(property.getKey()), what + ": " + param);
            }
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() throws JsonProcessingException {
        JsonNode document = document();
        Set<String> references = new TreeSet<>();
        document.findValues("$ref").forEach(reference -> references.add(reference.asText()));
        assertNotEquals(Set.of(), references);
        references.forEach(
                reference -> assertTrue(document.at(reference.substring(1)).isObject(), reference));
        document.at("/components/schemas")
                .fieldNames()
                .forEachRemaining(name ->
                        assertTrue(references.contains("#/components/schemas/" + name), name + " is of no use"));
    }

    private static Set<String> listed() throws JsonProcessingException {
        Set<String> operations = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : document().get("paths").properties()) {
            path.getValue()
                    .fieldNames()
                    .forEachRemaining(method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
        }
        return operations;
    }

    private static JsonNode document() throws JsonProcessingException {
        return JSON.readTree(given().get("/q/openapi")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .extract()
                .asString());
    }

    private static JsonNode resolved(JsonNode document, JsonNode schema) {
        return document.at(schema.get("$ref").asText().substring(1));
    }

    private static void awaitBatch(String id, String status) {
        Eventually.check(
                id + " is " + status,
                () -> status.equals(given().get(BATCHES + "/" + id).path("status")));
    }

    private static Response batch() {
        return post(BATCHES, GOOD.get(BATCHES).replace("FILE", upload().path("id")));
    }

    private static Response upload() {
        return given().multiPart("purpose", "batch")
                .multiPart("file", "lines.jsonl", LINE.getBytes(StandardCharsets.UTF_8))
                .post("/v1/files");
    }

    private static Response post(String path, String body) {
        return given().contentType(ContentType.JSON).body(body).post(path);
    }
}
