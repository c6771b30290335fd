package io.tandem.gateway.openai;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the labels that a client gives its own things, under OpenAI's limits. */
final class Metadata {

    private static final int MAX_ENTRIES = 16;
    private static final int MAX_KEY = 64;
    private static final int MAX_VALUE = 512;

    private Metadata() {}

    /** Texts by name, in the client's order; none if the field isn't there. */
    static Map<String, String> read(Field field) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (field.isSet()) {
            field.members().forEach((key, value) -> {
                if (key.length() > MAX_KEY) {
                    throw field.invalid("has a key of %d characters, limit %d".formatted(key.length(), MAX_KEY));
                }
                String text = value.text();
                if (text.length() > MAX_VALUE) {
                    throw value.invalid("has %d characters, limit %d".formatted(text.length(), MAX_VALUE));
                }
                metadata.put(key, text);
            });
        }
        if (metadata.size() > MAX_ENTRIES) {
            throw field.invalid("has %d keys, limit %d".formatted(metadata.size(), MAX_ENTRIES));
        }
        return metadata;
    }
}
