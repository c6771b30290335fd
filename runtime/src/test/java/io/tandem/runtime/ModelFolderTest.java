package io.tandem.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.hub.HubException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where a service that is started alone finds its model. The build sets the hub's variables: offline, with a cache of its own. */
class ModelFolderTest {

    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What a service is configured with. */
    private record Settings(String model, Optional<String> revision) implements EngineConfig {

        @Override
        public String backend() {
            return "cpu";
        }

        @Override
        public String weights() {
            return "stored";
        }

        @Override
        public int threads() {
            return 0;
        }
    }

    @Test
    void takesAFolderAsItIs() {
        Path folder = Path.of(System.getProperty("tandem.root"), "engine/core/src/test/golden/text-sliding");
        assertEquals(new ModelFolder("text-sliding", folder), modelFolder(folder.toString(), Optional.empty()));
    }

    @Test
    void findsAModelOfTheHubInItsCache() throws IOException {
        Path repository = Path.of(System.getenv("HF_HUB_CACHE"), "models--tandem--cached-model");
        Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(COMMIT));
        for (String name : new String[] {"config.json", "tokenizer.json", "model.safetensors"}) {
            Files.writeString(snapshot.resolve(name), "{}");
        }
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/v1"), COMMIT);
        ModelFolder expected = new ModelFolder("tandem/cached-model", snapshot);
        assertEquals(expected, modelFolder("tandem/cached-model@v1", Optional.empty()));
        assertEquals(expected, modelFolder("tandem/cached-model", Optional.of("v1")));
        assertEquals(expected, modelFolder("tandem/cached-model", Optional.of(COMMIT)));
    }

    @Test
    void saysWhatIsMissing() {
        HubException refusal = assertThrows(HubException.class, () -> modelFolder("tandem/nothing", Optional.empty()));
        assertTrue(refusal.getMessage().contains("HF_HUB_OFFLINE"), refusal.getMessage());
    }

    private static ModelFolder modelFolder(String model, Optional<String> revision) {
        return new EngineProducer().modelFolder(new Settings(model, revision));
    }
}
