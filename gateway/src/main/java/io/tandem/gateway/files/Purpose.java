package io.tandem.gateway.files;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a file was uploaded for, by OpenAI's names. */
public enum Purpose {
    ASSISTANTS,
    USER_DATA,
    VISION,
    /** Lines of a batch, which nobody reads as a document. */
    BATCH;

    /** Its name in the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The purpose of this name. */
    public static Optional<Purpose> of(String label) {
        return Arrays.stream(values())
                .filter(purpose -> purpose.label().equals(label))
                .findFirst();
    }

    /** All names. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(Purpose::label).toList();
    }
}
