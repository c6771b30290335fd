package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FreePorts;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uploading, listing, reading and deleting files. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class FilesTest extends ApiTest {

    private static final String FILES = "/v1/files";

    @Inject
    FilesConfig config;

    @BeforeEach
    @AfterEach
    void removeAll() {
        List<String> ids = given().get(FILES).path("data.id");
        ids.forEach(id -> given().delete(FILES + "/" + id).then().statusCode(200));
    }

    @Test
    void aFileIsKeptReadAndDeleted() {
        byte[] content = "One line.\nAnother line.\n".getBytes(StandardCharsets.UTF_8);
        String id = upload("notes.txt", content)
                .then()
                .statusCode(200)
                .body("id", matchesPattern("file-[0-9a-f]{32}"))
                .body("object", equalTo("file"))
                .body("bytes", equalTo(content.length))
                .body("filename", equalTo("notes.txt"))
                .body("purpose", equalTo("user_data"))
                .body("status_details", nullValue())
                .extract()
                .path("id");
        awaitStatus(id, "processed")
                .then()
                .body("tandem", equalTo(Map.of("tokens", 100, "windows", 2, "windows_encoded", 2)))
                .body("$", aMapWithSize(9));
        assertEquals(2, cluster.encoder.requests().size());
        Response sent = given().get(FILES + "/" + id + "/content");
        assertArrayEquals(content, sent.asByteArray());
        sent.then()
                .header("content-type", equalTo("application/octet-stream"))
                .header("x-content-type-options", equalTo("nosniff"));
        given().delete(FILES + "/" + id)
                .then()
                .statusCode(200)
                .body("", equalTo(Map.of("id", id, "object", "file", "deleted", true)));
        assertEquals(2, cluster.encoder.forgotten().size());
        for (String path : List.of(FILES + "/" + id, FILES + "/" + id + "/content")) {
            given().get(path).then().statusCode(404).body("error.code", equalTo("not_found"));
        }
        given().delete(FILES + "/" + id).then().statusCode(404);
    }

    @Test
    void chatsAreGivenWhatTheyAttach() {
        String id = upload("facts.txt", "The first fact.\nThe second fact.".getBytes(StandardCharsets.UTF_8))
                .path("id");
        awaitStatus(id, "processed");
        cluster.encoder.requests().clear();
        String question = """
                {"model": "t5gemma-2", "documents": [{"text": "Inline."}], "messages": [{"role": "user", "content": [
                  {"type": "file", "file": {"file_id": "%s"}}, {"type": "text", "text": "What is it?"}]}]}
                """.formatted(id);
        given().contentType("application/json")
                .body(question)
                .post(CHAT)
                .then()
                .statusCode(200)
                .header("x-tandem-cache", "partial")
                .body("usage.prompt_tokens", equalTo(250))
                .body("usage.prompt_tokens_details.cached_tokens", equalTo(100));
        assertEquals(
                List.of("Inline.", "The first fact.\n", "The second fact."),
                cluster.encoder.requests().getLast().getDocumentsList().stream()
                        .map(document -> document.getText())
                        .toList());
        given().contentType("application/json")
                .body("{\"model\": \"t5gemma-2\", \"documents\": [{\"file_id\": \"%s\"}]}".formatted(id))
                .post(COMPLETIONS)
                .then()
                .statusCode(200);
        assertEquals(2, cluster.encoder.requests().getLast().getDocumentsCount());
    }

    @Test
    void listsArePaged() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(upload(i + ".txt", ("Text " + i).getBytes(StandardCharsets.UTF_8))
                    .path("id"));
        }
        given().get(FILES + "?limit=2")
                .then()
                .body("object", equalTo("list"))
                .body("data.id", contains(ids.get(4), ids.get(3)))
                .body("first_id", equalTo(ids.get(4)))
                .body("last_id", equalTo(ids.get(3)))
                .body("has_more", equalTo(true));
        given().get(FILES + "?order=asc&limit=2&after=" + ids.get(2))
                .then()
                .body("data.id", contains(ids.get(3), ids.get(4)))
                .body("has_more", equalTo(false));
        given().get(FILES + "?purpose=batch").then().body("data", hasSize(0)).body("first_id", nullValue());
        for (Map.Entry<String, String> bad : Map.of(
                        "limit=0",
                        "limit",
                        "limit=x",
                        "limit",
                        "order=up",
                        "order",
                        "after=nobody",
                        "after",
                        "purpose=fun",
                        "purpose")
                .entrySet()) {
            given().get(FILES + "?" + bad.getKey()).then().statusCode(400).body("error.param", equalTo(bad.getValue()));
        }
    }

    @Test
    void namesAreDataAndNeverPaths() throws IOException {
        for (String name : List.of("../../evil.txt", "/etc/passwd", "a b.txt", ".")) {
            String id = upload(name, "Text".getBytes(StandardCharsets.UTF_8))
                    .then()
                    .statusCode(200)
                    .body("filename", equalTo(name))
                    .extract()
                    .path("id");
            given().get(FILES + "/" + id).then().body("filename", equalTo(name));
        }
        given().header("Content-Type", "multipart/form-data; boundary=b")
                .body(("--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nuser_data\r\n--b\r\n"
                                + "Content-Disposition: form-data; name=\"file\"; filename=\"täglich 😀.txt\"\r\n\r\nx\r\n--b--\r\n")
                        .getBytes(StandardCharsets.UTF_8))
                .post(FILES)
                .then()
                .statusCode(200)
                .body("filename", equalTo("täglich 😀.txt"));
        try (Stream<Path> paths = Files.walk(config.path())) {
            assertFalse(paths.anyMatch(path -> path.toString().contains("evil")));
        }
        for (String id : List.of("..%2f..%2fx", "file-..", "%2e%2e", "file-" + "g".repeat(32))) {
            given().urlEncodingEnabled(false).get(FILES + "/" + id).then().statusCode(404);
        }
    }

    @Test
    void formsThatAreNoUploadsAreRefused() {
        byte[] text = "Text".getBytes(StandardCharsets.UTF_8);
        refused(given().multiPart("file", "a.txt", text), 400, "purpose");
        refused(given().multiPart("purpose", "user_data"), 400, "file");
        refused(given().multiPart("purpose", "fine-tune").multiPart("file", "a.txt", text), 400, "purpose");
        refused(given().multiPart("purpose", "user_data").multiPart("document", "a.txt", text), 400, null);
        refused(
                given().multiPart("purpose", "user_data")
                        .multiPart("file", "a.txt", text)
                        .multiPart("file", "b.txt", text),
                400,
                "file");
        refused(
                given().multiPart("purpose", "user_data")
                        .multiPart("expires_after[anchor]", "created_at")
                        .multiPart("expires_after[seconds]", "5")
                        .multiPart("file", "a.txt", text),
                400,
                "expires_after[seconds]");
        refused(given().contentType("application/json").body("{}"), 415, null);
        refused(
                given().header("Content-Type", "multipart/form-data")
                        .body("no boundary".getBytes(StandardCharsets.UTF_8)),
                400,
                "file");
        given().put(FILES).then().statusCode(405).header("Allow", "POST, GET");
    }

    @Test
    void anUploadMayHaveAnEnd() {
        JsonPath file = given().multiPart("purpose", "user_data")
                .multiPart("expires_after[anchor]", "created_at")
                .multiPart("expires_after[seconds]", "3600")
                .multiPart("file", "a.txt", new byte[] {'a'})
                .post(FILES)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
        assertEquals(3600, file.getLong("expires_at") - file.getLong("created_at"));
    }

    @Test
    void whatIsTooLargeIsRefusedBeforeItIsRead() throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                            + "Content-Length: 99000000\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertEquals("HTTP/1.1 413", answer);
        }
        byte[] large = new byte[(1 << 20) + 1];
        new Random(1).nextBytes(large);
        upload("large.bin", large)
                .then()
                .statusCode(413)
                .body("error.param", equalTo("file"))
                .body("error.message", containsString("limit 1,048,576; raise tandem.gateway.files.max-file-size"));
        upload("just.bin", new byte[1 << 20]).then().statusCode(200);
    }

    @Test
    void halfAnUploadLeavesNothing() throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                            + "Content-Length: 5000\r\n\r\n--b\r\n"
                            + "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf of it")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            Eventually.check("the upload has begun", () -> contents() == 1);
        }
        Eventually.check("the upload is gone", () -> contents() == 0);
        given().get(FILES).then().body("data", hasSize(0));
    }

    @Test
    void whatCantBeReadSaysWhy() {
        String id = upload("broken.txt", new byte[] {(byte) 0xc3, 0x28}).path("id");
        awaitStatus(id, "error").then().body("status_details", containsString("neither a text in UTF-8"));
        given().contentType("application/json")
                .body("{\"model\": \"t5gemma-2\", \"documents\": [{\"file_id\": \"%s\"}]}".formatted(id))
                .post(COMPLETIONS)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("documents[0].file_id"))
                .body("error.message", containsString("neither a text in UTF-8"));
    }

    @Test
    void failuresThatPassAreMetAgain() {
        cluster.encoder.failNext(new TandemException(ErrorCode.OVERLOADED, null, "Too much to do."));
        cluster.encoder.failNext(new TandemException(ErrorCode.INTERNAL, null, "Nobody knows why."));
        Response upload = upload("a.txt", new byte[] {'a'});
        upload.then().body("status", equalTo("uploaded")).body("status_details", nullValue());
        awaitStatus(upload.path("id"), "processed");
        assertEquals(3, cluster.encoder.requests().size());
    }

    @Test
    void whatTheEncoderRefusesSaysWhy() {
        cluster.encoder.failNext(new TandemException(ErrorCode.INVALID_REQUEST, "documents[0].text", "No such token."));
        awaitStatus(upload("a.txt", new byte[] {'a'}).path("id"), "error")
                .then()
                .body("status_details", equalTo("No such token."));
    }

    private long contents() {
        try (Stream<Path> paths = Files.walk(config.path().resolve("incoming"))) {
            return paths.filter(path -> path.endsWith("content")).count();
        } catch (IOException | UncheckedIOException changing) {
            return -1;
        }
    }

    private static void refused(RequestSpecification request, int status, String param) {
        request.post(FILES).then().statusCode(status).body("error.param", equalTo(param));
    }

    private static Response upload(String name, byte[] content) {
        return given().multiPart("purpose", "user_data")
                .multiPart("file", name, content)
                .post(FILES);
    }

    private static Response awaitStatus(String id, String status) {
        Eventually.check(
                id + " is " + status,
                () -> status.equals(given().get(FILES + "/" + id).path("status")));
        return given().get(FILES + "/" + id);
    }
}
