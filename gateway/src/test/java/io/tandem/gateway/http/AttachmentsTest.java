package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.Parts;
import io.tandem.gateway.fake.FreePorts;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that messages attach, uploaded or inline. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class AttachmentsTest extends ApiTest {

    private static final String UNKNOWN = "file-" + "0".repeat(32);

    @Test
    void filesInsideOfARequestAreReadLikeUploadedOnes() {
        ask(inline("data:text/plain;base64," + base64("One line.\nTwo lines.")))
                .then()
                .statusCode(200)
                .body("usage.prompt_tokens", equalTo(200));
        assertEquals(List.of("One line.\n", "Two lines."), documents());
        // The type that a client names counts for nothing, and base64 may stand alone.
        ask(inline(base64("<html><body><p>A page.</p></body></html>"))).then().statusCode(200);
        assertEquals(List.of("A page."), documents());
    }

    @Test
    void aMessageMayBeAFileAlone() {
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"messages\": [{\"role\": \"user\", \"content\": [%s]}]}"
                        .formatted(inline(base64("Text"))))
                .post(CHAT)
                .then()
                .statusCode(200);
        assertEquals(1, parts().getPartsCount());
        assertEquals("", parts().getParts(0).getText());
    }

    @Test
    void aPictureStaysWhereItIs() {
        String id = upload("vision", "GIF89a and more");
        ask(part("{\"file_id\": \"%s\"}".formatted(id)))
                .then()
                .statusCode(200)
                .body("usage.prompt_tokens_details.image_tokens", equalTo(256));
        assertEquals("before", parts().getParts(0).getText());
        assertTrue(parts().getParts(1).hasImage());
        assertEquals("What is it?", parts().getParts(2).getText());
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"documents\": [{\"file_id\": \"%s\"}]}".formatted(id))
                .post(COMPLETIONS)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("documents[0].file_id"))
                .body("error.message", containsString("is a picture of 15 bytes"));
    }

    @Test
    void whatCantBeAttachedIsNamed() {
        refused("{'file_id': '" + UNKNOWN + "'}", 404, "file.file_id", "does not exist here");
        refused("{'file_id': '../../x'}", 404, "file.file_id", "does not exist here");
        refused("{'file_id': 3}", 400, "file.file_id", "must be a string");
        refused("{}", 400, "file", "must have a file_id or file_data");
        refused("{'file_id': 'x', 'file_data': 'QUFB'}", 400, "file.file_data", "does not go with file_id");
        refused("{'file_data': 'data:text/plain,abc'}", 400, "file.file_data", "must hold base64");
        refused("{'file_data': '===='}", 400, "file.file_data", "malformed base64");
        refused("{'file_data': ''}", 400, "file.file_data", "holds no bytes");
        refused("{'file_data': 'wyg='}", 400, "file.file_data", "neither a text in UTF-8");
        refused("{'file_data': '" + base64("%PDF-1.4 broken") + "'}", 400, "file.file_data", "a damaged file");
        refused("{'file_id': '" + upload("batch", "{}") + "'}", 400, "file.file_id", "has the purpose batch");
        assertEquals(0, cluster.written.size());
    }

    @Test
    void filesCountAsDocuments() {
        String part = inline(base64("Text"));
        ask(String.join(",", part, part, part, part))
                .then()
                .statusCode(400)
                .body("error.param", equalTo("messages"))
                .body("error.message", containsString("4 documents, limit 3"));
    }

    private List<String> documents() {
        return cluster.encoder.requests().getLast().getDocumentsList().stream()
                .map(Document::getText)
                .toList();
    }

    private Parts parts() {
        return cluster.encoder.requests().stream()
                .filter(request -> request.hasConversation())
                .toList()
                .getLast()
                .getConversation()
                .getMessages(0)
                .getParts();
    }

    private static void refused(String file, int status, String param, String reason) {
        ask(part(file.replace('\'', '"')))
                .then()
                .statusCode(status)
                .body("error.param", equalTo("messages[0].content[1]." + param))
                .body("error.message", containsString(reason));
    }

    private static String part(String file) {
        return "{\"type\": \"file\", \"file\": %s}".formatted(file);
    }

    private static String inline(String data) {
        return part("{\"filename\": \"a.txt\", \"file_data\": \"%s\"}".formatted(data));
    }

    /** @param parts between two texts */
    private static Response ask(String parts) {
        return given().contentType(ContentType.JSON).body("""
                        {"model": "t5gemma-2", "messages": [{"role": "user", "content": [
                          {"type": "text", "text": "before"}, %s, {"type": "text", "text": "What is it?"}]}]}
                        """.formatted(parts)).post(CHAT);
    }

    private static String upload(String purpose, String content) {
        return given().multiPart("purpose", purpose)
                .multiPart("file", "a.file", content.getBytes(StandardCharsets.UTF_8))
                .post("/v1/files")
                .path("id");
    }

    private static String base64(String content) {
        return Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
    }
}
