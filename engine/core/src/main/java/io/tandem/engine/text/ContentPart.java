package io.tandem.engine.text;

import java.util.Objects;

/** A piece of a message's content, in the order in which the user gave them. */
public sealed interface ContentPart {

    /** A piece of text. */
    record Text(String text) implements ContentPart {
        public Text {
            Objects.requireNonNull(text);
        }
    }

    /** The place of an image; which one it is, is a matter of counting. */
    record Image() implements ContentPart {}
}
