package io.tandem.engine.text;

import java.util.List;
import java.util.Objects;

/**
 * One message of a conversation.
 *
 * @param role who speaks, such as {@code user}
 * @param content what is said; templates may treat a plain string and a list of parts differently
 */
public record ChatMessage(String role, Content content) {

    /** The content of a message, in the form in which the request had it. */
    public sealed interface Content {}

    /** Content that the request gave as a string. */
    public record Plain(String text) implements Content {
        public Plain {
            Objects.requireNonNull(text);
        }
    }

    /** Content that the request gave as a list. */
    public record Parts(List<ContentPart> parts) implements Content {
        public Parts {
            parts = List.copyOf(parts);
        }
    }

    public ChatMessage {
        Objects.requireNonNull(role);
        Objects.requireNonNull(content);
    }

    /** A message whose content is a string. */
    public static ChatMessage of(String role, String text) {
        return new ChatMessage(role, new Plain(text));
    }

    /** A message whose content is a list of parts. */
    public static ChatMessage of(String role, List<ContentPart> parts) {
        return new ChatMessage(role, new Parts(parts));
    }
}
