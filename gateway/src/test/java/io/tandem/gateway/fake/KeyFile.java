package io.tandem.gateway.fake;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Closes the gateway to all but alice, bob, erin and frank, whose keys are in a file, and carol, whose key is in the settings. */
public final class KeyFile implements QuarkusTestResourceLifecycleManager {

    private Path file;

    /** An entry of a key file. */
    public static String entry(String owner, String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return owner + ":" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public Map<String, String> start() {
        try {
            file = Files.createTempFile("tandem", ".keys");
            StringBuilder entries = new StringBuilder();
            for (String owner : new String[] {"alice", "bob", "erin", "frank"}) {
                entries.append(entry(owner, "key-of-" + owner)).append('\n');
            }
            Files.writeString(file, entries);
            return Map.of(
                    "tandem.gateway.keys.file", file.toString(),
                    "tandem.gateway.keys.entries", entry("carol", "key-of-carol"),
                    "tandem.gateway.keys.reload", "50ms");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void stop() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
