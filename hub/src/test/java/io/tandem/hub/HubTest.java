package io.tandem.hub;

import static io.tandem.hub.Checkpoints.WEIGHTS;
import static io.tandem.hub.Checkpoints.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.hub.ModelSource.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is downloaded, where it lies, and what is used again. */
class HubTest {

    private static final Set<String> SINGLE_FILES = Set.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            WEIGHTS);

    @TempDir
    private Path cache;

    @Test
    void downloadsWhatTheEngineReadsAndNoMore() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            Path folder = new Client(hub.endpoint(), cache).fetch();
            assertEquals(cache.resolve("models--tandem--tiny-model/snapshots/" + hub.commit()), folder);
            assertTrue(names(folder).containsAll(Set.of("config.json", "tokenizer.json", WEIGHTS)));
            assertFalse(names(folder).contains("cases.safetensors"));
            assertTrue(names(Checkpoints.SINGLE).containsAll(names(folder)));
            Checkpoints.assertSameContent(Checkpoints.SINGLE, folder);
        }
    }

    @Test
    void laysTheCacheOutAsHuggingfaceHubDoes() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            Path folder = new Client(hub.endpoint(), cache).fetch();
            Path repository = cache.resolve("models--tandem--tiny-model");
            assertEquals(hub.commit(), Files.readString(repository.resolve("refs/main")));
            for (String name : List.of(WEIGHTS, "config.json")) {
                Path blob = Path.of("../../blobs", hub.id(name));
                assertEquals(blob, Files.readSymbolicLink(folder.resolve(name)));
            }
            assertTrue(names(repository.resolve("blobs")).stream().allMatch(name -> name.matches("[0-9a-f]{40,64}")));
        }
    }

    @Test
    void asksOnlyForTheListOnceEverythingIsThere() {
        try (LocalHub hub = Checkpoints.single()) {
            Path first = new Client(hub.endpoint(), cache).fetch();
            int before = hub.requests().size();
            Client again = new Client(hub.endpoint(), cache);
            assertEquals(first, again.fetch());
            assertEquals(before + 1, hub.requests().size());
            assertEquals(List.of(), again.lines);
        }
    }

    @Test
    void linksABlobThatAnotherCommitAlreadyBrought() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            Path blob = cache.resolve("models--tandem--tiny-model/blobs").resolve(hub.id(WEIGHTS));
            Files.createDirectories(blob.getParent());
            Files.write(blob, hub.content(WEIGHTS));
            Path folder = new Client(hub.endpoint(), cache).fetch();
            assertEquals(0, hub.downloads(WEIGHTS));
            Checkpoints.assertSameContent(Checkpoints.SINGLE, folder);
        }
    }

    @Test
    void replacesABlobOfTheWrongSize() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            Path folder = new Client(hub.endpoint(), cache).fetch();
            Files.writeString(folder.resolve("config.json").toRealPath(), "{}");
            new Client(hub.endpoint(), cache).fetch();
            Checkpoints.assertSameContent(Checkpoints.SINGLE, folder);
        }
    }

    @Test
    void putsFilesThemselvesWhereThereAreNoLinks() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            Path folder = new Client(hub.endpoint(), cache).withoutSymlinks().fetch();
            assertFalse(Files.isSymbolicLink(folder.resolve(WEIGHTS)));
            Checkpoints.assertSameContent(Checkpoints.SINGLE, folder);
        }
    }

    @Test
    void downloadsShardsThatTheIndexNames() throws IOException {
        try (LocalHub hub = LocalHub.serving(Client.NAME, Checkpoints.SHARDED)) {
            Path folder = new Client(hub.endpoint(), cache).fetch();
            assertTrue(names(folder)
                    .containsAll(Set.of(
                            "model.safetensors.index.json",
                            "model-00001-of-00002.safetensors",
                            "model-00002-of-00002.safetensors")));
            Checkpoints.assertSameContent(Checkpoints.SHARDED, folder);
        }
    }

    @Test
    void describesFilesByHeadWhereTheListDoesNot() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            hub.listWithoutDetails();
            Path folder = new Client(hub.endpoint(), cache).fetch();
            Checkpoints.assertSameContent(Checkpoints.SINGLE, folder);
            assertEquals(
                    hub.id(WEIGHTS),
                    folder.resolve(WEIGHTS).toRealPath().getFileName().toString());
            assertTrue(hub.requests().stream()
                    .filter(request -> request.method().equals("HEAD"))
                    .allMatch(request -> request.server().equals("hub")));
        }
    }

    @Test
    void sharesOneBlobAmongFilesOfEqualContent(@TempDir Path model) throws IOException {
        for (String name : SINGLE_FILES) {
            Files.writeString(model.resolve(name), "{}");
        }
        try (LocalHub hub = LocalHub.serving(Client.NAME, model)) {
            Path folder = new Client(hub.endpoint(), cache).fetch();
            Checkpoints.assertSameContent(model, folder);
            assertEquals(SINGLE_FILES, names(folder));
            long small = hub.requests().stream()
                    .filter(request -> request.path().startsWith("/api/resolve-cache/"))
                    .count();
            assertEquals(1, small);
        }
    }

    @Test
    void fetchesAnyRevisionAndRemembersItsCommit() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            Path folder = new Client(hub.endpoint(), cache).fetch("refs/pr/1");
            assertEquals(folder, new Client(hub.endpoint(), cache).fetch(hub.commit()));
            Path refs = cache.resolve("models--tandem--tiny-model/refs");
            assertEquals(hub.commit(), Files.readString(refs.resolve("refs/pr/1")));
            assertEquals(Set.of("refs"), names(refs));
        }
    }

    @Test
    void looksAtTheDescriptionBeforeItDownloadsWeights() {
        try (LocalHub hub = Checkpoints.single()) {
            Client client = new Client(hub.endpoint(), cache);
            IllegalStateException refusal = assertThrows(
                    IllegalStateException.class,
                    () -> client.fetch(new Repository(Client.NAME, "main"), folder -> {
                        assertTrue(Files.exists(folder.resolve("config.json")));
                        throw new IllegalStateException("not this model");
                    }));
            assertEquals("not this model", refusal.getMessage());
            assertEquals(0, hub.downloads(WEIGHTS));
        }
    }

    @Test
    void usesTheCacheAloneWhenOffline() {
        try (LocalHub hub = Checkpoints.single()) {
            Path folder = new Client(hub.endpoint(), cache).fetch();
            int before = hub.requests().size();
            assertEquals(folder, new Client(hub.endpoint(), cache).offline().fetch());
            assertEquals(folder, new Client(hub.endpoint(), cache).offline().fetch(hub.commit()));
            assertEquals(before, hub.requests().size());
        }
    }

    @Test
    void namesWhatTheCacheLacksWhenOffline() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            Client client = new Client(hub.endpoint(), cache).offline();
            assertTrue(client.refusal().contains("HF_HUB_OFFLINE"), client.refusal());
            Path folder = new Client(hub.endpoint(), cache).fetch();
            Files.delete(folder.resolve(WEIGHTS));
            assertTrue(client.refusal().contains("lacks " + WEIGHTS), client.refusal());
            assertTrue(client.refusal("v9").contains("revision v9"), client.refusal("v9"));
        }
    }

    @Test
    void fallsBackOnTheCacheWhenTheHubIsDown() {
        Path folder;
        Client client;
        try (LocalHub hub = Checkpoints.single()) {
            client = new Client(hub.endpoint(), cache);
            folder = client.fetch();
        }
        client.lines.clear();
        assertEquals(folder, client.fetch());
        assertEquals(1, client.lines.size());
        assertTrue(client.lines.getFirst().contains(folder.getFileName().toString()), client.lines.getFirst());
        assertEquals(List.of(), client.waits);
    }

    @Test
    void saysWhatTheDiskHasAndWhatItNeeds() throws IOException {
        try (LocalHub hub = Checkpoints.single()) {
            String refusal = new Client(hub.endpoint(), cache).free(12_345).refusal();
            assertTrue(refusal.contains("12,345") && refusal.contains("HF_HUB_CACHE"), refusal);
            // Room for the small files, but not for the weights.
            long small = 300_000;
            Client tight = new Client(hub.endpoint(), cache).free(small);
            String weights = String.format("%,d", hub.content(WEIGHTS).length);
            assertTrue(tight.refusal().contains(weights), tight.refusal());
            assertEquals(0, hub.downloads(WEIGHTS));
        }
    }
}
