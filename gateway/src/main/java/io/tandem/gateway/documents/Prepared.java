package io.tandem.gateway.documents;

import java.util.List;

/** A file as the encoder takes it: texts, or a picture. */
sealed interface Prepared {

    /**
     * A document.
     *
     * @param windows its parts, each a segment of its own
     * @param tokens of all of them
     */
    record Text(List<String> windows, int tokens) implements Prepared {

        public Text {
            windows = List.copyOf(windows);
        }
    }

    /**
     * A picture.
     *
     * @param bytes of the file; not to be changed
     */
    record Image(byte[] bytes) implements Prepared {}
}
