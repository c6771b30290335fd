package io.tandem.encoder.prompt;

import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.contract.encoder.v1.Part;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.text.ChatMessage;
import io.tandem.engine.text.ContentPart;
import java.util.ArrayList;
import java.util.List;

/** Conversations of the wire as the chat template takes them. */
final class Conversations {

    private Conversations() {}

    /** @throws InvalidInputException if there is no message, or one has no content */
    static List<ChatMessage> read(Conversation conversation) {
        if (conversation.getMessagesCount() == 0) {
            throw new InvalidInputException("messages", "there are 0 messages, must be 1 at least");
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (Message message : conversation.getMessagesList()) {
            messages.add(new ChatMessage(message.getRole(), content(message, messages.size())));
        }
        return messages;
    }

    /** Image parts of all messages. */
    static int images(Conversation conversation) {
        return Math.toIntExact(conversation.getMessagesList().stream()
                .flatMap(message -> message.getParts().getPartsList().stream())
                .filter(Part::hasImage)
                .count());
    }

    private static ChatMessage.Content content(Message message, int index) {
        return switch (message.getContentCase()) {
            case TEXT -> new ChatMessage.Plain(message.getText());
            case PARTS ->
                new ChatMessage.Parts(message.getParts().getPartsList().stream()
                        .map(part -> part(part, index))
                        .toList());
            case CONTENT_NOT_SET ->
                throw new InvalidInputException("messages[" + index + "].content", "the message has no content");
        };
    }

    private static ContentPart part(Part part, int index) {
        return switch (part.getPartCase()) {
            case TEXT -> new ContentPart.Text(part.getText());
            case IMAGE -> new ContentPart.Image();
            case PART_NOT_SET ->
                throw new InvalidInputException(
                        "messages[" + index + "].content", "a part is neither a text nor an image");
        };
    }
}
