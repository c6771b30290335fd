package io.tandem.gateway.keys;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys that are good at one moment. Immutable. */
final class KeyRing {

    private final List<ApiKey> keys;

    KeyRing(List<ApiKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Reads entries, one a line; empty lines and those that begin with {@code #} are left out.
     *
     * @param place where the text comes from, for error messages
     * @throws IllegalArgumentException naming the first line that is no entry
     */
    static KeyRing parse(String text, String place) {
        List<ApiKey> keys = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                keys.add(ApiKey.parse(line, "line " + (i + 1) + " of " + place));
            }
        }
        return new KeyRing(keys);
    }

    KeyRing plus(KeyRing other) {
        List<ApiKey> all = new ArrayList<>(keys);
        all.addAll(other.keys);
        return new KeyRing(all);
    }

    int size() {
        return keys.size();
    }

    /**
     * Whose key this is. Every key is compared, and each to its last byte, so the time taken tells nothing about which is nearly
     * right.
     */
    Optional<String> owner(String key) {
        byte[] digest = sha256(key);
        ApiKey found = null;
        for (ApiKey candidate : keys) {
            if (MessageDigest.isEqual(candidate.sha256(), digest)) {
                found = candidate;
            }
        }
        return Optional.ofNullable(found).map(ApiKey::owner);
    }

    private static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
