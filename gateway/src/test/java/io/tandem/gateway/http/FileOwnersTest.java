package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.fake.KeyFile;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Files belong to whoever's key they were uploaded with. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
@QuarkusTestResource(value = KeyFile.class, restrictToAnnotatedClass = true)
class FileOwnersTest extends ApiTest {

    @Test
    void nobodySeesWhatIsAnothers() {
        given().post("/v1/files").then().statusCode(401);
        String id = as("alice")
                .multiPart("purpose", "user_data")
                .multiPart("file", "a.txt", "Alice's own.".getBytes(StandardCharsets.UTF_8))
                .post("/v1/files")
                .then()
                .statusCode(200)
                .extract()
                .path("id");
        String path = "/v1/files/" + id;
        as("alice").get("/v1/files").then().body("data.id", hasItem(id));
        as("bob").get("/v1/files").then().body("data.id", not(hasItem(id)));
        as("bob").get(path).then().statusCode(404);
        as("bob").get(path + "/content").then().statusCode(404);
        as("bob").delete(path).then().statusCode(404);
        String question = "{\"model\": \"t5gemma-2\", \"documents\": [{\"file_id\": \"%s\"}]}".formatted(id);
        as("bob")
                .contentType(ContentType.JSON)
                .body(question)
                .post(COMPLETIONS)
                .then()
                .statusCode(404)
                .body("error.param", equalTo("documents[0].file_id"));
        as("alice")
                .contentType(ContentType.JSON)
                .body(question)
                .post(COMPLETIONS)
                .then()
                .statusCode(200);
        as("alice").delete(path).then().statusCode(200);
    }

    private static RequestSpecification as(String owner) {
        return given().header("Authorization", "Bearer key-of-" + owner);
    }
}
