package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class AdmissionTest extends ApiTest {

    private static final String QUESTION = """
            {"model": "t5gemma-2", "stream": true, "messages": [{"role": "user", "content": "hi"}]}""";

    @Test
    void floodIsRefusedAndEveryPlaceComesBack() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        List<SseClient> admitted = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            admitted.add(new SseClient(server, CHAT, QUESTION));
        }
        Eventually.check("four run and four wait", () -> admission.running() == 4 && admission.waiting() == 4);
        Eventually.check("four are with a decoder", () -> cluster.written.size() == 4);
        for (int i = 0; i < 20; i++) {
            given().contentType(ContentType.JSON)
                    .body(QUESTION)
                    .post(CHAT)
                    .then()
                    .statusCode(429)
                    .header("Retry-After", matchesPattern("[1-9]\\d*"))
                    .body("error.type", equalTo("rate_limit_error"))
                    .body("error.code", equalTo("overloaded"))
                    .body("error.param", equalTo(null))
                    .body("error.message", matchesPattern("4 requests run and 4 wait.*tandem.gateway.admission.*"));
        }
        cluster.decoders().forEach(decoder -> decoder.answer((request, call) -> call.answer(false)));
        for (int i = 0; i < 4; i++) {
            cluster.nextHeld().answer(false);
        }
        for (SseClient client : admitted) {
            assertEquals("[DONE]", client.rest().getLast());
            client.close();
        }
    }

    @Test
    void severalAnswersTakeSeveralPlaces() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        String six = """
                {"model": "t5gemma-2", "stream": true, "prompt": ["a", "b", "c"], "n": 2}""";
        String three = """
                {"model": "t5gemma-2", "stream": true, "prompt": ["a", "b", "c"]}""";
        try (SseClient all = new SseClient(server, COMPLETIONS, six)) {
            Eventually.check("it has all places, though it wants more", () -> admission.running() == 4);
            Eventually.check("six are with a decoder", () -> cluster.written.size() == 6);
            try (SseClient next = new SseClient(server, COMPLETIONS, three)) {
                Eventually.check("it waits", () -> admission.waiting() == 1);
                all.close();
                Eventually.check("it has three places", () -> admission.running() == 3 && admission.waiting() == 0);
                Eventually.check("three more are with a decoder", () -> cluster.written.size() == 9);
            }
        }
    }

    @Test
    void clientThatLeavesTheQueueIsForgotten() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        List<SseClient> clients = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            clients.add(new SseClient(server, CHAT, QUESTION));
            int count = i + 1;
            Eventually.check("it is in", () -> admission.running() + admission.waiting() == count);
        }
        Eventually.check("four are with a decoder", () -> cluster.written.size() == 4);
        clients.get(5).close();
        clients.get(4).close();
        Eventually.check("nobody waits", () -> admission.waiting() == 0);
        assertEquals(4, admission.running());
        for (SseClient client : clients) {
            client.close();
        }
        nothingIsLeft();
        assertEquals(4, cluster.written.size(), "nothing was done for those that left the queue");
    }

    @Test
    void announcedBodyOverTheCapIsNotRead() throws IOException {
        String answer = raw(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 413"), answer);
        assertTrue(answer.contains("3,000,000 bytes, limit 2,097,152; raise tandem.gateway.body.max-size"), answer);
        assertTrue(answer.contains("\"code\":\"payload_too_large\""), answer);
    }

    @Test
    void unannouncedBodyOverTheCapIsCut() throws IOException {
        StringBuilder body = new StringBuilder(
                "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
        body.append(chunk.repeat(40));
        String answer = raw(body.toString());
        assertTrue(answer.startsWith("HTTP/1.1 413"), answer);
        assertTrue(answer.contains("bytes, limit 2,097,152; raise tandem.gateway.body.max-size"), answer);
    }

    @Test
    void bodyThatDoesNotComeGivesItsPlaceBack() throws IOException {
        String answer = raw(
                "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
        assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        assertTrue(answer.contains("Only 1 bytes of the body came within 2000 ms"), answer);
    }

    @Test
    void clientThatExpectsAContinueGetsOne() throws IOException {
        String body = "{\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}";
        String answer = raw("POST /v1/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"), answer);
    }

    /** Sends bytes as they are and reads until the answer has all its bytes or the server closes. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8192];
            while (!answer.toString().endsWith("}}") && !answer.toString().endsWith("]}")) {
                int count = in.read(buffer);
                if (count < 0) {
                    break;
                }
                answer.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
            return answer.toString();
        }
    }
}
