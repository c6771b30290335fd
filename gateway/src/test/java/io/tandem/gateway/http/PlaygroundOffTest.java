package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.tandem.gateway.fake.FreePorts;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A gateway without its playground. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
@TestProfile(PlaygroundOffTest.Off.class)
class PlaygroundOffTest extends ApiTest {

    /** Switches it off. */
    public static final class Off implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("tandem.gateway.playground", "false");
        }
    }

    @Test
    void nothingIsServed() {
        given().get("/").then().statusCode(404);
        given().get("/playground/app.js").then().statusCode(404);
        given().get("/v1/models").then().statusCode(200);
    }
}
