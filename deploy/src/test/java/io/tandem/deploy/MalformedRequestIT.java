package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.deploy.MalformedRequests.Malformed;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Malformed requests of every kind: each gets its 4xx, in one shape and soon, and leaves nothing behind. */
@ExtendWith(DemoServer.class)
class MalformedRequestIT {

    /** The project's promise is 150. */
    private static final int MINIMUM = 400;

    private static final long SOON_MILLIS = 100;
    /** A busy machine may be late once or twice; a server that is slow is slow each time. */
    private static final int TRIES = 4;

    @TestFactory
    Stream<DynamicTest> eachIsRefusedInOneShape(TandemProcess tandem) throws IOException {
        HttpWire wire = new HttpWire(tandem.port());
        List<Malformed> requests = MalformedRequests.of(tandem.api().model());
        assertTrue(requests.size() >= MINIMUM, requests.size() + " are too few");
        // The first request of its kind loads classes.
        requests.stream().limit(3).forEach(request -> timed(wire, request));
        return requests.stream()
                .map(request -> DynamicTest.dynamicTest(request.toString(), () -> {
                    Timed timed = timed(wire, request);
                    for (int i = 1; i < TRIES && timed.millis > SOON_MILLIS; i++) {
                        timed = timed(wire, request);
                    }
                    refused(request, timed.response);
                    assertTrue(
                            timed.millis <= SOON_MILLIS, "took %d ms each of %d times".formatted(timed.millis, TRIES));
                }));
    }

    @Test
    void nothingIsLeftBehind(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        HttpWire wire = new HttpWire(tandem.port());
        for (Malformed request : MalformedRequests.of(api.model())) {
            wire.send(request.bytes());
        }
        Quiet.isRestored(api);
        assertFalse(tandem.output().contains("ERROR"), tandem.output());
        assertEquals(0, api.metric("tandem_gateway_requests_total", "code=\"5"), "none counts as the server's failure");
    }

    /** Bytes that are no HTTP, and addresses that are none: the server below the routes refuses them, and has no shape for it. */
    @Test
    void whatIsNoHttpIsRefusedToo(TandemProcess tandem) throws IOException {
        HttpWire wire = new HttpWire(tandem.port());
        for (String request : new String[] {
            "GET /v1/models\r\n\r\n",
            "GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/models?%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/files?limit=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/models HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
            "GET /v1/models HTTP/1.1\r\nHost: x\r\nX: a\u0000b\r\n\r\n",
            "GET /" + "x".repeat(300_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(600_000) + "\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n{}",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"
        }) {
            int status = wire.send(HttpWire.ascii(request)).status();
            assertTrue(
                    status >= 400 && status < 500,
                    status + " for " + request.lines().toList().getFirst());
        }
        byte[] noChunk = HttpWire.ascii(
                "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n");
        assertEquals(0, wire.send(noChunk).status(), "in the middle of a body the connection is closed");
        Quiet.isRestored(tandem.api());
    }

    private record Timed(HttpWire.Response response, long millis) {}

    private static Timed timed(HttpWire wire, Malformed request) {
        long start = System.nanoTime();
        try {
            HttpWire.Response response = wire.send(request.bytes());
            return new Timed(response, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        } catch (IOException failure) {
            throw new AssertionError(request + " got no response", failure);
        }
    }

    private static void refused(Malformed request, HttpWire.Response response) throws IOException {
        assertEquals(request.status(), response.status(), response.body());
        assertEquals("application/json", response.headers().get("content-type"));
        assertTrue(response.headers().get("x-request-id").matches("req_[0-9a-f]{32}"), response.toString());
        JsonNode body = Api.JSON.readTree(response.body());
        assertEquals(1, body.size(), response.body());
        JsonNode error = body.get("error");
        Set<String> keys = new TreeSet<>();
        error.fieldNames().forEachRemaining(keys::add);
        assertEquals(Set.of("code", "message", "param", "type"), keys);
        assertEquals("invalid_request_error", error.get("type").asText());
        assertFalse(error.get("message").asText().isBlank());
        assertTrue(error.get("message").asText().length() < 600, "not the request itself: " + error);
        assertFalse(error.get("message").asText().contains("com.fasterxml"), "no internals: " + error);
        if (request.param() == null) {
            assertTrue(error.get("param").isNull(), error.toString());
        } else {
            assertTrue(error.get("param").asText().startsWith(request.param()), error.toString());
        }
    }
}
