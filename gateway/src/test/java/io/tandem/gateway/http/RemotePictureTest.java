package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetching as production has it, once it is allowed: nothing on this side of the network is ever reached. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
@TestProfile(RemotePictureTest.Allowed.class)
class RemotePictureTest extends ApiTest {

    private static final String FIELD = "messages[0].content[0].image_url.url";
    private static final String QUESTION = """
            {"model": "t5gemma-2", %s "messages": [{"role": "user", "content": [
              {"type": "image_url", "image_url": {"url": "%s"}}, {"type": "text", "text": "what?"}]}]}""";

    public static final class Allowed implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("tandem.gateway.images.allow-remote", "true");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1/a.png",
                "HTTP://localhost/a.png",
                "http://[::1]/a.png",
                "https://[::ffff:127.0.0.1]/a.png",
                "http://0/a.png",
                "http://0.0.0.0/a.png",
                "http://10.0.0.7/a.png",
                "http://169.254.169.254/latest/meta-data/",
                "http://[fd00:ec2::254]/latest/meta-data/",
                "http://2130706433/a.png",
                "http://no-such-name.invalid/a.png",
                "http://127.0.0.1:22/a.png"
            })
    void everyPlaceInsideGetsTheSameAnswer(String url) {
        given().contentType(ContentType.JSON)
                .body(QUESTION.formatted("", url))
                .post(CHAT)
                .then()
                .statusCode(400)
                .body("error", aMapWithSize(4))
                .body("error.type", equalTo("invalid_request_error"))
                .body("error.param", equalTo(FIELD))
                .body("error.code", equalTo("invalid_image_url"))
                .body(
                        "error.message",
                        equalTo(FIELD + " is at, or leads to, a place that this server does not fetch from."));
        assertEquals(0, cluster.vision.decoded());
        assertTrue(cluster.decoder.requests().isEmpty());
    }

    @Test
    void nothingIsConnectedTo() throws IOException {
        try (ServerSocket inside = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            inside.setSoTimeout(1);
            everyPlaceInsideGetsTheSameAnswer("http://127.0.0.1:" + inside.getLocalPort() + "/a.png");
            assertThrows(SocketTimeoutException.class, inside::accept);
        }
    }

    @Test
    void nothingIsFetchedForARequestThatIsWrongOtherwise() {
        given().contentType(ContentType.JSON)
                .body(QUESTION.formatted("\"n\": 0,", "http://10.0.0.7/a.png"))
                .post(CHAT)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("n"));
    }

    @Test
    void picturesAreCountedFirst() {
        given().contentType(ContentType.JSON)
                .body("""
                        {"model": "t5gemma-2", "prompt": "x", "images": ["http://a.invalid", "http://b.invalid", "http://c.invalid", "data:,"]}""")
                .post(COMPLETIONS)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("images[3]"))
                .body(
                        "error.message",
                        equalTo("images[3] is one of 4 pictures, limit 3; raise tandem.gateway.images.max-count."));
    }
}
