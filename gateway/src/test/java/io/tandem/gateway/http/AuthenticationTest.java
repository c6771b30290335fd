package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.UnauthorizedException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.fake.KeyFile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The gateway with keys; all other tests run it open. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
@QuarkusTestResource(value = KeyFile.class, restrictToAnnotatedClass = true)
class AuthenticationTest extends ApiTest {

    private static final String QUESTION = "{\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}";

    @Inject
    GatewayConfig config;

    @Inject
    ApiRoutes routes;

    @Test
    void everyRouteButOperationsWantsAKey() {
        for (ApiRoutes.Endpoint endpoint : routes.endpoints()) {
            if (!endpoint.path().startsWith("/q/")) {
                for (String key : new String[] {"", "Bearer key-of-mallory"}) {
                    given().header("Authorization", key)
                            .contentType(ContentType.JSON)
                            .request(endpoint.method().name(), endpoint.path().replaceAll(":\\w+", "x"))
                            .then()
                            .statusCode(401)
                            .body("error.code", equalTo("invalid_api_key"));
                }
            }
        }
    }

    @Test
    void everythingButProbesAndThePlaygroundWantsAKey() {
        for (String path : new String[] {
            "/v1/models",
            "/v1/models/t5gemma-2",
            CHAT,
            "/v1/nothing",
            "/tokenize",
            "/nothing",
            "/playground/nothing.js",
            "/q",
            "/q/metrics",
            "/q/openapi",
            "/q/healthy",
            "/q/health/../metrics",
            "/q/%2e%2e/v1/models"
        }) {
            given().urlEncodingEnabled(false)
                    .get(path)
                    .then()
                    .statusCode(401)
                    .header("WWW-Authenticate", "Bearer")
                    .header("x-request-id", matchesPattern("req_[0-9a-f]{32}"))
                    .body("error", aMapWithSize(4))
                    .body("error.type", equalTo("authentication_error"))
                    .body("error.param", nullValue())
                    .body("error.code", equalTo("invalid_api_key"));
        }
        for (String path : new String[] {COMPLETIONS, CHAT, "/v1/embeddings", "/tokenize", "/detokenize"}) {
            given().contentType(ContentType.JSON)
                    .body(QUESTION)
                    .post(path)
                    .then()
                    .statusCode(401);
        }
        assertTrue(cluster.encoder.requests().isEmpty(), "nothing is read for strangers");
        for (String path :
                new String[] {"/q/health/live", "/q/health/ready", "/q/health/started", "/", "/playground/app.js"}) {
            given().get(path).then().statusCode(200);
        }
        for (String path : new String[] {"/q/metrics", "/q/openapi"}) {
            given().header("Authorization", "Bearer key-of-alice")
                    .get(path)
                    .then()
                    .statusCode(200);
        }
    }

    @Test
    void onlyAGoodKeyInTheRightFormOpens() {
        for (String header : new String[] {
            "Bearer key-of-mallory", "Bearer ", "Bearer", "key-of-alice", "Basic key-of-alice", "Bearer KEY-OF-ALICE"
        }) {
            given().header("Authorization", header)
                    .get("/v1/models")
                    .then()
                    .statusCode(401)
                    .body("error.message", not(containsString("mallory")));
        }
        for (String header : new String[] {"Bearer key-of-alice", "bearer key-of-alice", "Bearer  key-of-carol "}) {
            given().header("Authorization", header).get("/v1/models").then().statusCode(200);
        }
    }

    @Test
    void ownersShareNothingThatIsCached() {
        String picture = "{\"model\": \"t5gemma-2\", \"prompt\": \"<start_of_image>\", \"images\":"
                + " [\"data:image/png;base64,QUFB\"]}";
        for (String body : new String[] {QUESTION, picture}) {
            ask("alice", COMPLETIONS, body).header("x-tandem-cache", "miss");
            assertEquals("alice", cluster.encoder.requests().getLast().getTenant());
            ask("bob", COMPLETIONS, body).header("x-tandem-cache", "miss");
            assertEquals("bob", cluster.encoder.requests().getLast().getTenant());
            ask("alice", COMPLETIONS, body).header("x-tandem-cache", "hit");
        }
        assertEquals(2, cluster.vision.decoded());
        assertEquals(1, cluster.vision.early());
        String texts = "{\"model\": \"t5gemma-2\", \"input\": \"hi\"}";
        ask("alice", "/v1/embeddings", texts).header("x-tandem-cache", "miss");
        ask("bob", "/v1/embeddings", texts).header("x-tandem-cache", "miss");
        ask("alice", "/v1/embeddings", texts).header("x-tandem-cache", "hit");
    }

    @Test
    void openAisClientKnowsWhatIsWrong() {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(server.resolve("/v1").toString())
                .apiKey("key-of-mallory")
                .maxRetries(0)
                .build();
        try {
            UnauthorizedException refusal = assertThrows(
                    UnauthorizedException.class, () -> client.models().list());
            assertEquals("invalid_api_key", refusal.code().orElseThrow());
        } finally {
            client.close();
        }
    }

    @Test
    void keysComeAndGoWithoutARestart() throws IOException {
        Path file = config.keys().file().orElseThrow();
        String before = Files.readString(file);
        try {
            Files.writeString(file, KeyFile.entry("dave", "key-of-dave"));
            Eventually.check("dave may, alice may not", () -> status("dave") == 200 && status("alice") == 401);
            assertEquals(200, status("carol"));
        } finally {
            Files.writeString(file, before);
        }
        Eventually.check("alice may again", () -> status("alice") == 200 && status("dave") == 401);
    }

    private static int status(String owner) {
        return given().header("Authorization", "Bearer key-of-" + owner)
                .get("/v1/models")
                .statusCode();
    }

    private static ValidatableResponse ask(String owner, String path, String body) {
        return given().header("Authorization", "Bearer key-of-" + owner)
                .contentType(ContentType.JSON)
                .body(body)
                .post(path)
                .then()
                .statusCode(200);
    }
}
