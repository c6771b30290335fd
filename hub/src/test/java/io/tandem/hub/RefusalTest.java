package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.hub.ModelSource.Repository;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the hub refuses, what we refuse of it, and what is said about it. */
class RefusalTest {

    private static final String SECRET = "hf_averysecrettoken";

    @TempDir
    private Path cache;

    @Test
    void tellsHowToGetIntoAGatedRepository() {
        try (LocalHub hub = Checkpoints.single()) {
            hub.gate(SECRET);
            String without = new Client(hub.endpoint(), cache).refusal();
            assertTrue(
                    without.contains("is gated: accept its licence at " + hub.endpoint() + "/" + Client.NAME), without);
            assertTrue(without.contains("HF_TOKEN"), without);
            String wrong = new Client(hub.endpoint(), cache).token("hf_another").refusal();
            assertTrue(wrong.contains("accept its licence") && !wrong.contains("hf_another"), wrong);
            new Client(hub.endpoint(), cache).token(SECRET).fetch();
        }
    }

    @Test
    void sendsTheTokenToTheHubOnly() {
        try (LocalHub hub = Checkpoints.single()) {
            hub.gate(SECRET);
            Client client = new Client(hub.endpoint(), cache).token(SECRET);
            client.fetch();
            List<String> authorizedServers = new ArrayList<>();
            for (LocalHub.Request request : hub.requests()) {
                assertEquals(request.server().equals("hub") ? "Bearer " + SECRET : "", request.authorization());
                authorizedServers.add(request.server());
            }
            assertTrue(authorizedServers.containsAll(List.of("hub", "cdn")));
            assertFalse(client.lines.toString().contains(SECRET));
        }
    }

    @Test
    void namesWhatDoesNotExist() {
        try (LocalHub hub = Checkpoints.single()) {
            Client client = new Client(hub.endpoint(), cache);
            assertTrue(client.refusal("v9").contains("has no revision v9"), client.refusal("v9"));
            HubException refusal = assertThrows(
                    HubException.class, () -> client.fetch(new Repository("tandem/nothing", "main"), folder -> {}));
            assertTrue(
                    refusal.getMessage().contains("no folder tandem/nothing here")
                            && refusal.getMessage().contains("HF_TOKEN"),
                    refusal.getMessage());
        }
    }

    @Test
    void namesAFileThatIsListedButGone() {
        try (LocalHub hub = Checkpoints.single()) {
            hub.listAlso("preprocessor_config.json");
            String refusal = new Client(hub.endpoint(), cache).refusal();
            assertTrue(refusal.contains("has no file preprocessor_config.json"), refusal);
        }
    }

    @Test
    void refusesARepositoryThatIsNoCheckpoint(@TempDir Path model) throws IOException {
        Files.writeString(model.resolve("README.md"), "nothing");
        try (LocalHub hub = LocalHub.serving(Client.NAME, model)) {
            String refusal = new Client(hub.endpoint(), cache).refusal();
            assertTrue(refusal.contains("has no config.json"), refusal);
        }
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        Files.writeString(model.resolve("pytorch_model.bin"), "pickle");
        try (LocalHub hub = LocalHub.serving(Client.NAME, model)) {
            String refusal = new Client(hub.endpoint(), cache).refusal();
            assertTrue(refusal.contains("only weights in safetensors"), refusal);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil.json", "a/../../b", "/etc/passwd", "a\\b", "C:x", "a//b", ".", ""})
    void refusesNamesThatLeaveTheFolder(String name) {
        try (LocalHub hub = Checkpoints.single()) {
            hub.listAlso(name);
            String refusal = new Client(hub.endpoint(), cache).refusal();
            assertTrue(refusal.contains("outside the repository's folder"), refusal);
            assertFalse(Files.exists(cache.resolve("models--tandem--tiny-model")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"weight_map\": {\"a\": \"../../../evil.safetensors\"}}",
                "{\"weight_map\": {\"a\": \"gone.safetensors\"}}",
                "{\"weight_map\": {}}",
                "{}",
                "{"
            })
    void refusesAnIndexThatCantBeFollowed(String index, @TempDir Path model) throws IOException {
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("tokenizer.json"), "{} ");
        Files.writeString(model.resolve("model.safetensors.index.json"), index);
        try (LocalHub hub = LocalHub.serving(Client.NAME, model)) {
            String refusal = new Client(hub.endpoint(), cache).refusal();
            assertTrue(refusal.contains("model.safetensors.index.json"), refusal);
        }
    }

    @Test
    void saysWhenWhatAnswersIsNoHub() {
        assertTrue(assertThrows(HubException.class, () -> Listing.parse("http://x", "<html>".getBytes()))
                .getMessage()
                .contains("HF_ENDPOINT"));
        assertTrue(assertThrows(HubException.class, () -> Listing.parse("http://x", "{\"sha\": \"../..\"}".getBytes()))
                .getMessage()
                .contains("HF_ENDPOINT"));
    }

    @Test
    void saysWhenNobodyAnswers() {
        String refusal = new Client(URI.create("http://127.0.0.1:1"), cache).refusal();
        assertTrue(refusal.contains("can't connect to http://127.0.0.1:1"), refusal);
    }

    @Test
    void refusesRedirectsThatLeadNowhere() {
        for (String location : List.of("ftp://127.0.0.1/x", "file:///etc/passwd", "http://[", "")) {
            try (LocalHub hub = Checkpoints.single()) {
                hub.fail(LocalHub.LISTING, Fault.status(302, "Location", location));
                String refusal = new Client(hub.endpoint(), cache).refusal();
                assertTrue(refusal.contains("redirects to"), refusal);
            }
        }
        try (LocalHub hub = Checkpoints.single()) {
            String itself = hub.endpoint() + "/api/models/" + Client.NAME + "/revision/main";
            Fault loop = Fault.status(302, "Location", itself);
            hub.fail(LocalHub.LISTING, loop, loop, loop, loop, loop, loop);
            String refusal = new Client(hub.endpoint(), cache).refusal();
            assertTrue(refusal.contains("more than 5 times"), refusal);
        }
    }

    @Test
    void saysWhyTheCacheCantBeUsed() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "no folder");
        try (LocalHub hub = Checkpoints.single()) {
            String refusal = new Client(hub.endpoint(), file).refusal();
            assertTrue(refusal.contains(file.toString()) && refusal.contains("HF_HUB_CACHE"), refusal);
        }
    }
}
