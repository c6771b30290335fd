package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.fake.KeyFile;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Batches belong to whoever's key they were made with. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
@QuarkusTestResource(value = KeyFile.class, restrictToAnnotatedClass = true)
class BatchOwnersTest extends ApiTest {

    private static final String LINE =
            "{\"custom_id\": \"1\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": {\"model\": \"t5gemma-2\", \"prompt\": \"p\"}}";

    @Test
    void nobodySeesWhatIsAnothers() {
        given().get("/v1/batches").then().statusCode(401);
        String file = as("alice")
                .multiPart("purpose", "batch")
                .multiPart("file", "a.jsonl", LINE.getBytes(StandardCharsets.UTF_8))
                .post("/v1/files")
                .path("id");
        String order = "{\"input_file_id\": \"%s\", \"endpoint\": \"/v1/completions\", \"completion_window\": \"24h\"}"
                .formatted(file);
        as("bob")
                .contentType(ContentType.JSON)
                .body(order)
                .post("/v1/batches")
                .then()
                .statusCode(404);
        String id = as("alice")
                .contentType(ContentType.JSON)
                .body(order)
                .post("/v1/batches")
                .path("id");
        String path = "/v1/batches/" + id;
        as("bob").get(path).then().statusCode(404);
        as("bob").post(path + "/cancel").then().statusCode(404);
        as("bob").get("/v1/batches").then().body("data.id", not(hasItem(id)));
        as("alice").get("/v1/batches").then().body("data.id", hasItem(id));
        Eventually.check(
                "completed", () -> "completed".equals(as("alice").get(path).path("status")));
        String output = as("alice").get(path).path("output_file_id");
        as("bob").get("/v1/files/" + output + "/content").then().statusCode(404);
        as("alice").delete("/v1/files/" + output).then().statusCode(200);
        as("alice").delete("/v1/files/" + file).then().statusCode(200);
    }

    private static RequestSpecification as(String owner) {
        return given().header("Authorization", "Bearer key-of-" + owner);
    }
}
