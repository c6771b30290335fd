package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.ImagePart;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.contract.encoder.v1.Part;
import io.tandem.contract.encoder.v1.Parts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code messages}, and keeps the pictures that it meets for later. Used for one request. */
final class ConversationReader {

    private static final Part IMAGE =
            Part.newBuilder().setImage(ImagePart.getDefaultInstance()).build();

    private final Conversation.Builder conversation = Conversation.newBuilder();
    private final List<Field> pictures = new ArrayList<>();
    private final Optional<FileParts> files;
    private String prefix;

    /**
     * Reads all messages.
     *
     * @param continueLast whether the last one is the beginning of the answer
     * @param files takes those that messages attach; empty where none may be
     */
    ConversationReader(Field messages, boolean continueLast, Optional<FileParts> files) {
        this.files = files;
        List<Field> items = messages.items();
        if (items.isEmpty()) {
            throw messages.invalid("must hold at least one message");
        }
        if (continueLast) {
            prefix = beginning(items.getLast());
            items = items.subList(0, items.size() - 1);
            if (items.isEmpty()) {
                throw messages.invalid("must hold a message before the one to continue");
            }
        }
        items.forEach(item -> conversation.addMessages(message(item)));
    }

    Conversation conversation() {
        return conversation.build();
    }

    /** The fields of all pictures, in the order of their parts. */
    List<Field> pictures() {
        return pictures;
    }

    /** The beginning of the answer, when the client sent it. */
    Optional<String> prefix() {
        return Optional.ofNullable(prefix);
    }

    private Message message(Field item) {
        String role = role(item.require("role"));
        Field content = item.require("content");
        Message.Builder message = Message.newBuilder().setRole(role);
        if (!content.isList()) {
            return message.setText(content.text()).build();
        }
        List<Field> parts = content.items();
        if (parts.isEmpty()) {
            throw content.invalid("must hold at least one part");
        }
        Parts.Builder read = Parts.newBuilder();
        parts.forEach(part -> part(part, role).ifPresent(read::addParts));
        if (read.getPartsCount() == 0) {
            // Nothing but documents, which go elsewhere; templates want something to render.
            read.addPartsBuilder().setText("");
        }
        return message.setParts(read).build();
    }

    private static String role(Field role) {
        return switch (role.text()) {
            case "system", "user", "assistant" -> role.text();
            // OpenAI's newer name; chat templates know the older one.
            case "developer" -> "system";
            case "tool", "function" ->
                throw role.failure(ErrorCode.UNSUPPORTED_PARAMETER, "is that of a tool, and this server calls none");
            default -> throw role.invalid("must be system, developer, user or assistant");
        };
    }

    private Optional<Part> part(Field part, String role) {
        Field type = part.require("type");
        return switch (type.text()) {
            case "text" ->
                Optional.of(Part.newBuilder().setText(part.get("text").text()).build());
            case "image_url" -> Optional.of(picture(part.require("image_url"), role));
            case "file" -> file(type, part.require("file"), role);
            case "input_audio", "refusal" ->
                throw type.failure(ErrorCode.UNSUPPORTED_PARAMETER, "is one that this server does not read");
            default -> throw type.invalid("must be text, image_url or file");
        };
    }

    private Part picture(Field image, String role) {
        if (!role.equals("user")) {
            throw image.invalid("stands in a message of the role %s; pictures belong to the user's".formatted(role));
        }
        Field detail = image.get("detail");
        if (detail.isSet() && !List.of("auto", "low", "high").contains(detail.text())) {
            throw detail.invalid("must be auto, low or high");
        }
        pictures.add(image.require("url"));
        return IMAGE;
    }

    /** A picture stays where it is; a document leaves no trace here. */
    private Optional<Part> file(Field type, Field file, String role) {
        FileParts taking = files.orElseThrow(
                () -> type.failure(ErrorCode.UNSUPPORTED_PARAMETER, "is one that this route does not read"));
        if (!role.equals("user")) {
            throw file.invalid("stands in a message of the role %s; files belong to the user's".formatted(role));
        }
        return taking.add(file).map(picture -> {
            pictures.add(picture);
            return IMAGE;
        });
    }

    private static String beginning(Field last) {
        if (!role(last.require("role")).equals("assistant")) {
            throw last.get("role").invalid("must be assistant for continue_final_message");
        }
        Field content = last.require("content");
        if (!content.isList()) {
            return content.text();
        }
        StringBuilder text = new StringBuilder();
        for (Field part : content.items()) {
            if (!part.require("type").text().equals("text")) {
                throw part.get("type").invalid("must be text in a message to continue");
            }
            text.append(part.get("text").text());
        }
        return text.toString();
    }
}
