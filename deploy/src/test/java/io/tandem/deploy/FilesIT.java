package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.HttpResponse;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files are read once, answered from, forgotten on demand, and outlive the process. */
@ExtendWith(DemoServer.class)
class FilesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RECIPE =
            "Recipe for lemon bread. It makes 9 portions. The oven should be at 170 degrees. Serve it with salt.";
    private static final String QUESTION = "What is the oven temperature?";

    @TempDir
    Path folder;

    @Test
    void aDocumentIsReadOnceAndAnsweredFrom(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        try (Uploads uploads = new Uploads(api)) {
            FileObject file = uploads.processed(write("recipe.pdf", pdf(RECIPE)));
            double encoded = api.metric("tandem_encoder_tokens_encoded_total");
            JsonNode first = api.post("/v1/chat/completions", question(api, file.id()));
            int document =
                    first.at("/usage/prompt_tokens_details/cached_tokens").asInt();
            assertTrue(document > 20, "the document's tokens were encoded before: " + first);
            int prompt = first.at("/usage/prompt_tokens").asInt();
            assertEquals(encoded + prompt - document, api.metric("tandem_encoder_tokens_encoded_total"));

            ObjectNode inline = api.chat(Api.JSON.getNodeFactory().textNode(QUESTION));
            inline.putArray("documents").addObject().put("text", RECIPE);
            assertEquals(
                    api.post("/v1/chat/completions", inline).at("/choices/0/message/content"),
                    first.at("/choices/0/message/content"));

            uploads.client.files().delete(file.id());
            assertEquals(
                    404,
                    api.postRaw("/v1/chat/completions", question(api, file.id()).toString())
                            .statusCode());
            JsonNode again = api.post("/v1/chat/completions", inline);
            assertEquals(
                    prompt - document,
                    again.at("/usage/prompt_tokens_details/cached_tokens").asInt(),
                    "the document's states are gone, the question's are not");
        }
    }

    @Test
    void openAisClientSeesItsFiles(TandemProcess tandem) throws IOException {
        try (Uploads uploads = new Uploads(tandem.api())) {
            Path path = write("notes.md", "# Notes\n\nNothing.".getBytes(StandardCharsets.UTF_8));
            FileObject file = uploads.processed(path);
            assertEquals("notes.md", file.filename());
            assertEquals(Files.size(path), file.bytes());
            assertTrue(uploads.client.files().list().data().stream()
                    .anyMatch(listed -> listed.id().equals(file.id())));
            try (HttpResponse content = uploads.client.files().content(file.id())) {
                assertEquals(Files.readString(path), new String(content.body().readAllBytes(), StandardCharsets.UTF_8));
            }
            assertTrue(uploads.client.files().delete(file.id()).deleted());
        }
    }

    @Test
    void filesOutliveTheProcess() throws IOException {
        Path data = TandemProcess.freshFolder("files");
        String id;
        try (TandemProcess tandem = start(data)) {
            Uploads uploads = new Uploads(tandem.api());
            id = uploads.processed(write("recipe.txt", RECIPE.getBytes(StandardCharsets.UTF_8)))
                    .id();
            Socket half = beginUpload(tandem.port());
            Eventually.holds(PATIENCE, "half an upload is there", () -> incoming(data) == 1);
            // One that may or may not have been encoded when the process ends.
            uploads.upload(write("late.txt", RECIPE.repeat(20).getBytes(StandardCharsets.UTF_8)));
            tandem.kill();
            half.close();
        }
        try (TandemProcess tandem = start(data)) {
            Api api = tandem.api();
            try (Uploads uploads = new Uploads(api)) {
                Eventually.holds(PATIENCE, "half an upload is gone", () -> incoming(data) == 0);
                assertEquals(2, uploads.client.files().list().data().size());
                for (FileObject file : uploads.client.files().list().data()) {
                    uploads.awaitProcessed(file.id());
                }
                JsonNode answer = api.post("/v1/chat/completions", question(api, id));
                assertFalse(answer.at("/choices/0/message/content").asText().isEmpty());
            }
        }
    }

    private static TandemProcess start(Path data) {
        return TandemProcess.start("files", TandemProcess.demoModel(), "--data", data.toString());
    }

    private static long incoming(Path data) {
        try (Stream<Path> paths = Files.walk(data.resolve("files/incoming"))) {
            return paths.filter(path -> path.endsWith("content")).count();
        } catch (IOException changing) {
            return -1;
        }
    }

    private static Socket beginUpload(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        OutputStream out = socket.getOutputStream();
        out.write(("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                        + "Content-Length: 5000\r\n\r\n--b\r\n"
                        + "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf of it")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return socket;
    }

    static ObjectNode question(Api api, String fileId) {
        ObjectNode part = Api.JSON.createObjectNode().put("type", "file");
        part.putObject("file").put("file_id", fileId);
        return api.chat(Api.parts(part, Api.text(QUESTION)));
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private byte[] pdf(String text) throws IOException {
        Path file = folder.resolve("made.pdf");
        try (PDDocument document = new PDDocument()) {
            PDPage page = new PDPage();
            document.addPage(page);
            try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                content.beginText();
                content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 8);
                content.newLineAtOffset(40, 700);
                content.showText(text);
                content.endText();
            }
            document.save(file.toFile());
        }
        return Files.readAllBytes(file);
    }

    /** OpenAI's client, for files. Owned by one test. */
    record Uploads(OpenAIClient client) implements AutoCloseable {

        Uploads(Api api) {
            this(OpenAIOkHttpClient.builder()
                    .baseUrl(api.baseUrl())
                    .apiKey("none")
                    .responseValidation(true)
                    .build());
        }

        FileObject upload(Path file) {
            return client.files()
                    .create(FileCreateParams.builder()
                            .file(file)
                            .purpose(FilePurpose.USER_DATA)
                            .build());
        }

        FileObject processed(Path file) {
            return awaitProcessed(upload(file).id());
        }

        @SuppressWarnings("deprecation") // OpenAI's, which still sends it.
        FileObject awaitProcessed(String id) {
            Eventually.holds(
                    PATIENCE,
                    id + " is processed",
                    () -> client.files().retrieve(id).status().equals(FileObject.Status.PROCESSED));
            return client.files().retrieve(id);
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
