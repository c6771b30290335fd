package io.tandem.engine.text;

import io.tandem.engine.InvalidInputException;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Turns the messages of a conversation into the text of a prompt; immutable, thread-safe.
 *
 * <p>It is a Jinja template as Hugging Face defines them, or the plain form. The plain form is for checkpoints without
 * a template: all released ones, which are pretrained only. Its definition:
 *
 * <ul>
 *   <li>The text of a message is its string, or its parts one directly after the other.
 *   <li>An image part is written as the start-of-image token, {@code <start_of_image>}.
 *   <li>The texts of the messages are joined by a blank line, {@code "\n\n"}.
 *   <li>Roles are not written, nothing is trimmed, and a generation prompt makes no difference.
 *   <li>No {@code <bos>} is written; {@link Tokenizer#encodePrompt} adds it.
 * </ul>
 */
public final class ChatTemplate {

    private static final String FILE_NAME = "chat_template.jinja";

    /** How an image part is written where the checkpoint names no token for it; such a model can't take images. */
    private static final String DEFAULT_START_OF_IMAGE = "<start_of_image>";

    private final SpecialTokens specialTokens;
    private final Optional<JinjaTemplate> jinja;

    private ChatTemplate(SpecialTokens specialTokens, Optional<JinjaTemplate> jinja) {
        this.specialTokens = specialTokens;
        this.jinja = jinja;
    }

    /**
     * The template of a checkpoint: {@code chat_template.jinja}, else {@code chat_template} of tokenizer_config.json,
     * else the plain form.
     *
     * @throws CheckpointException if one of the files is there and can't be read, or the template in it is no Jinja
     */
    public static ChatTemplate open(Path checkpointDirectory, SpecialTokens specialTokens) {
        Path file = checkpointDirectory.resolve(FILE_NAME);
        if (Files.exists(file)) {
            return ofFile(file, specialTokens);
        }
        return TokenizerConfig.read(checkpointDirectory)
                .chatTemplate()
                .map(source -> jinja(
                        checkpointDirectory.resolve(TokenizerConfig.FILE_NAME).toString(), source, specialTokens))
                .orElseGet(() -> plain(specialTokens));
    }

    /**
     * A template from a file of its own.
     *
     * @throws CheckpointException if the file can't be read or is no Jinja
     */
    public static ChatTemplate ofFile(Path file, SpecialTokens specialTokens) {
        try {
            return jinja(file.toString(), Files.readString(file), specialTokens);
        } catch (IOException e) {
            throw new CheckpointException("can't read the chat template " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * A template from its Jinja source.
     *
     * @throws CheckpointException if it is no Jinja
     */
    public static ChatTemplate ofSource(String source, SpecialTokens specialTokens) {
        return jinja("given as text", source, specialTokens);
    }

    /** The plain form, defined in the description of this class. */
    public static ChatTemplate plain(SpecialTokens specialTokens) {
        return new ChatTemplate(specialTokens, Optional.empty());
    }

    /** Whether this is the plain form, because the checkpoint brings no template. */
    public boolean isPlain() {
        return jinja.isEmpty();
    }

    /**
     * The prompt for a conversation, images not expanded yet.
     *
     * @param addGenerationPrompt whether the prompt ends with what introduces the model's answer
     * @throws InvalidInputException for the field {@code messages}, with the template's own message, if the template
     *     refuses the messages or fails
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        if (jinja.isPresent()) {
            return jinja.get().render(messages, addGenerationPrompt);
        }
        return messages.stream().map(message -> plainText(message.content())).collect(Collectors.joining("\n\n"));
    }

    private static ChatTemplate jinja(String origin, String source, SpecialTokens specialTokens) {
        return new ChatTemplate(specialTokens, Optional.of(new JinjaTemplate(origin, source, specialTokens)));
    }

    private String plainText(ChatMessage.Content content) {
        return switch (content) {
            case ChatMessage.Plain(String text) -> text;
            case ChatMessage.Parts(List<ContentPart> parts) ->
                parts.stream().map(this::plainText).collect(Collectors.joining());
        };
    }

    private String plainText(ContentPart part) {
        return switch (part) {
            case ContentPart.Text(String text) -> text;
            case ContentPart.Image() ->
                specialTokens.startOfImage().map(SpecialToken::text).orElse(DEFAULT_START_OF_IMAGE);
        };
    }
}
