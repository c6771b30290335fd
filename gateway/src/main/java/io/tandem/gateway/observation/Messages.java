package io.tandem.gateway.observation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.contract.encoder.v1.Part;
import io.tandem.gateway.pipeline.GenerationRequest;
import java.util.List;

/** The texts of prompts and answers as JSON in the shape of the conventions: messages with a role and parts. */
final class Messages {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Messages() {}

    static String ofPrompts(List<GenerationRequest> prompts) {
        ArrayNode messages = JSON.createArrayNode();
        for (GenerationRequest prompt : prompts) {
            EncodeRequest reading = prompt.reading();
            for (Document document : reading.getDocumentsList()) {
                addText(addMessage(messages, "document"), document.getText());
            }
            switch (reading.getPromptCase()) {
                case CONVERSATION ->
                    reading.getConversation().getMessagesList().forEach(message -> add(messages, message));
                case TEXT -> addText(addMessage(messages, "user"), reading.getText());
                case TOKEN_IDS, PROMPT_NOT_SET -> addMessage(messages, "user");
            }
        }
        return messages.toString();
    }

    static String ofAnswers(List<String> texts, List<String> finishReasons) {
        ArrayNode messages = JSON.createArrayNode();
        for (int i = 0; i < texts.size(); i++) {
            addText(addMessage(messages, "assistant"), texts.get(i));
            ((ObjectNode) messages.get(i)).put("finish_reason", finishReasons.get(i));
        }
        return messages.toString();
    }

    private static void add(ArrayNode messages, Message message) {
        ArrayNode parts = addMessage(messages, message.getRole());
        if (message.hasText()) {
            addText(parts, message.getText());
        }
        for (Part part : message.getParts().getPartsList()) {
            if (part.hasImage()) {
                parts.addObject().put("type", "image");
            } else {
                addText(parts, part.getText());
            }
        }
    }

    private static ArrayNode addMessage(ArrayNode messages, String role) {
        return messages.addObject().put("role", role).putArray("parts");
    }

    private static void addText(ArrayNode parts, String text) {
        parts.addObject().put("type", "text").put("content", text);
    }
}
