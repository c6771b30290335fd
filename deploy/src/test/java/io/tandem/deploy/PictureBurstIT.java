package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Two hundred different pictures at once: each is answered rightly or refused honestly, none is lost or taken for another. */
class PictureBurstIT {

    private static final int REQUESTS = 200;
    private static final String DATA_URI = "data:image/png;base64,";
    /** Signature and header chunk. */
    private static final int PNG_HEAD = 33;

    @Test
    void everyPictureGetsItsOwnAnswer() throws Exception {
        try (TandemProcess tandem = TandemProcess.start("pictures", TandemProcess.demoModel())) {
            Api api = tandem.api();
            List<JsonNode> cases = DemoEvaluationIT.cases().stream()
                    .filter(question -> question.toString().contains("\"image\""))
                    .toList();
            List<ObjectNode> bodies = bodies(api.model(), cases);
            List<HttpResponse<String>> responses = together(api, bodies);
            int answered = 0;
            for (int i = 0; i < REQUESTS; i++) {
                HttpResponse<String> response = responses.get(i);
                if (response.statusCode() == 429) {
                    assertTrue(response.headers().firstValue("Retry-After").isPresent(), response.toString());
                } else {
                    assertEquals(200, response.statusCode(), response.body());
                    JsonNode answer = Api.JSON.readTree(response.body());
                    JsonNode expected = cases.get(i % cases.size()).get("transformers_tokens");
                    assertEquals(expected, answer.at("/choices/0/token_ids"), "answer " + i);
                    assertEquals(
                            0,
                            answer.at("/usage/prompt_tokens_details/cached_tokens")
                                    .asInt(),
                            "no other's states");
                    answered++;
                }
            }
            assertTrue(answered >= REQUESTS / 2, answered + " answers, all others were refused");
            assertEquals(answered, api.metric("tandem_vision_images_encoded_total"), "each picture was seen");
            Quiet.isRestored(api);
        }
    }

    private static List<ObjectNode> bodies(String model, List<JsonNode> cases) {
        List<ObjectNode> bodies = new ArrayList<>();
        Set<String> pictures = new HashSet<>();
        for (int i = 0; i < REQUESTS; i++) {
            ObjectNode body = DemoEvaluationIT.request(model, cases.get(i % cases.size()));
            for (JsonNode url : body.findParents("url")) {
                String data = url.get("url").asText().substring(DATA_URI.length());
                byte[] file = withComment(Base64.getDecoder().decode(data), "picture " + i);
                ((ObjectNode) url).put("url", DATA_URI + Base64.getEncoder().encodeToString(file));
                assertTrue(pictures.add(url.get("url").asText()), "pictures differ");
            }
            bodies.add(body);
        }
        return bodies;
    }

    private static List<HttpResponse<String>> together(Api api, List<ObjectNode> bodies) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<HttpResponse<String>> responses = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (ObjectNode body : bodies) {
                String text = body.toString();
                answers.add(clients.submit(() -> {
                    start.await();
                    return api.postRaw("/v1/chat/completions", text);
                }));
            }
            start.countDown();
            for (Future<HttpResponse<String>> answer : answers) {
                responses.add(answer.get());
            }
        }
        return responses;
    }

    /** Another file with the same pixels, whose right answer is known. */
    static byte[] withComment(byte[] png, String comment) {
        byte[] content = ("tEXtComment\0" + comment).getBytes(StandardCharsets.ISO_8859_1);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        return ByteBuffer.allocate(png.length + content.length + 8)
                .put(png, 0, PNG_HEAD)
                .putInt(content.length - 4)
                .put(content)
                .putInt((int) checksum.getValue())
                .put(png, PNG_HEAD, png.length - PNG_HEAD)
                .array();
    }
}
