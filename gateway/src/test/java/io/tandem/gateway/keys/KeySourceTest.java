package io.tandem.gateway.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.gateway.config.GatewayConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeySourceTest {

    /** {@code printf %s secret-a | sha256sum}. */
    private static final String SHA_A = "8766b9cb08e6040b704f1e3ee1e186efccf2635b1d2634d6525333007e6aeae1";
    /** {@code printf %s secret-b | sha256sum}. */
    private static final String SHA_B = "ff492ef788c89b555e6f738b33d2422f57dbb6656af2402155672c5f123a90af";

    @TempDir
    Path folder;

    @Test
    void withoutSettingsEverybodyMayAsk() {
        try (KeySource keys = new KeySource(settings(null))) {
            assertTrue(keys.isOpen());
        }
    }

    @Test
    void settingsAndFileAreTakenTogether() throws IOException {
        Path file = write("# ours\n\n  alice:" + SHA_A.toUpperCase(Locale.ROOT) + "  \n");
        try (KeySource keys = new KeySource(settings(file, "bob:" + SHA_B))) {
            assertFalse(keys.isOpen());
            assertEquals("alice", keys.owner("secret-a").orElseThrow());
            assertEquals("bob", keys.owner("secret-b").orElseThrow());
            assertTrue(keys.owner("secret-c").isEmpty());
            assertTrue(keys.owner("").isEmpty());
            assertTrue(keys.owner(SHA_A).isEmpty());
        }
    }

    @Test
    void aFileWithoutEntriesOpensForNobody() throws IOException {
        try (KeySource keys = new KeySource(settings(write("# none yet\n")))) {
            assertFalse(keys.isOpen());
            assertTrue(keys.owner("").isEmpty());
        }
    }

    @Test
    void whatIsMalformedIsNamedAndNotRepeated() throws IOException {
        for (String bad : List.of("alice", "alice:secret-a", ":" + SHA_A, "a b:" + SHA_A, "alice:" + SHA_A + "0")) {
            Path file = write("bob:" + SHA_B + "\n" + bad + "\n");
            String message = assertThrows(IllegalArgumentException.class, () -> new KeySource(settings(file)))
                    .getMessage();
            assertTrue(message.startsWith("line 2 of " + file), message);
            assertFalse(message.contains("secret-a"), message);
        }
        String message = assertThrows(IllegalArgumentException.class, () -> new KeySource(settings(null, "alice")))
                .getMessage();
        assertTrue(message.startsWith("entry 1 of tandem.gateway.keys.entries"), message);
        Path missing = folder.resolve("missing");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new KeySource(settings(missing)))
                .getMessage()
                .startsWith("tandem.gateway.keys.file"));
    }

    @Test
    void aChangedFileIsTakenAndABrokenOneIsNot() throws IOException {
        Path file = write("alice:" + SHA_A);
        try (KeySource keys = new KeySource(settings(file))) {
            write("bob:" + SHA_B);
            keys.reload(file);
            assertTrue(keys.owner("secret-a").isEmpty());
            assertEquals("bob", keys.owner("secret-b").orElseThrow());
            write("nonsense");
            keys.reload(file);
            keys.reload(file);
            assertEquals("bob", keys.owner("secret-b").orElseThrow());
            Files.delete(file);
            keys.reload(file);
            assertEquals("bob", keys.owner("secret-b").orElseThrow());
            write("alice:" + SHA_A);
            keys.reload(file);
            assertEquals("alice", keys.owner("secret-a").orElseThrow());
            assertTrue(keys.owner("secret-b").isEmpty());
        }
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("keys"), text);
    }

    private static GatewayConfig.Keys settings(Path file, String... entries) {
        return new GatewayConfig.Keys() {
            @Override
            public Optional<Path> file() {
                return Optional.ofNullable(file);
            }

            @Override
            public Optional<List<String>> entries() {
                return entries.length == 0 ? Optional.empty() : Optional.of(List.of(entries));
            }

            @Override
            public boolean openMetrics() {
                return false;
            }

            @Override
            public GatewayConfig.KeyLimits limits() {
                throw new UnsupportedOperationException("limits are not the source's");
            }

            @Override
            public Map<String, GatewayConfig.OwnerLimits> owners() {
                return Map.of();
            }

            @Override
            public Duration reload() {
                return Duration.ofSeconds(1);
            }
        };
    }
}
