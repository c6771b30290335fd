package io.tandem.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.engine.text.ChatMessage;
import io.tandem.engine.text.ChatTemplate;
import io.tandem.engine.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The prompts of an evaluation set: one JSON object a line, as the demo checkpoint's set has them. */
final class EvaluationPrompts {

    private EvaluationPrompts() {}

    /**
     * Tokens of the prompts of some tasks.
     *
     * @param model the checkpoint's folder, for its tokenizer
     */
    static List<int[]> read(Path model, Path cases, Predicate<String> tasks) {
        ObjectMapper mapper = new ObjectMapper();
        List<int[]> prompts = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(model)) {
            ChatTemplate template = ChatTemplate.open(model, tokenizer.specialTokens());
            for (String line : Files.readAllLines(cases)) {
                JsonNode node = mapper.readTree(line);
                if (tasks.test(node.path("task").asText())) {
                    List<ChatMessage> messages = new ArrayList<>();
                    for (JsonNode message : node.path("messages")) {
                        messages.add(ChatMessage.of(
                                message.path("role").asText(),
                                message.path("content").asText()));
                    }
                    prompts.add(tokenizer.encodePrompt(template.render(messages, true)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return prompts;
    }
}
