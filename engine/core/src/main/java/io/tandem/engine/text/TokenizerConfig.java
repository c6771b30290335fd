package io.tandem.engine.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What {@code tokenizer_config.json} says; a checkpoint without the file has an empty one. */
final class TokenizerConfig {

    static final String FILE_NAME = "tokenizer_config.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where generations of transformers put the names of tokens that only some models have. */
    private static final List<String> EXTRA_TOKENS = List.of("extra_special_tokens", "model_specific_special_tokens");

    private final Path file;
    private final JsonNode root;

    private TokenizerConfig(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    /** @throws CheckpointException if the file is there and is not a JSON object */
    static TokenizerConfig read(Path checkpointDirectory) {
        Path file = checkpointDirectory.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return new TokenizerConfig(file, JSON.createObjectNode());
        }
        try {
            JsonNode root = JSON.readTree(file.toFile());
            if (!root.isObject()) {
                throw new CheckpointException(file + " is not a JSON object");
            }
            return new TokenizerConfig(file, root);
        } catch (JacksonException e) {
            throw new CheckpointException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException("can't read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The text of a token such as {@code bos_token}, written as a string or as an object with {@code content}. */
    Optional<String> tokenText(String key) {
        JsonNode node = root.path(key);
        for (String extra : EXTRA_TOKENS) {
            if (node.isMissingNode()) {
                node = root.path(extra).path(key);
            }
        }
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        JsonNode text = node.isObject() ? node.path("content") : node;
        if (!text.isTextual() || text.textValue().isEmpty()) {
            throw new CheckpointException(file + ": " + key + " is " + node + ", expected the text of a token");
        }
        return Optional.of(text.textValue());
    }

    /** The texts of all tokens that the file names, by their keys. */
    Map<String, String> tokenTexts() {
        Map<String, String> texts = new TreeMap<>();
        for (JsonNode section : List.of(root, root.path(EXTRA_TOKENS.get(0)), root.path(EXTRA_TOKENS.get(1)))) {
            for (Map.Entry<String, JsonNode> field : section.properties()) {
                JsonNode value = field.getValue();
                JsonNode text = value.isObject() ? value.path("content") : value;
                if (field.getKey().endsWith("_token") && text.isTextual()) {
                    texts.putIfAbsent(field.getKey(), text.textValue());
                }
            }
        }
        return texts;
    }

    /** {@code add_bos_token}, which overrules the post-processor of {@code tokenizer.json}; empty where not given. */
    Optional<Boolean> addBosToken() {
        JsonNode node = root.path("add_bos_token");
        return node.isBoolean() ? Optional.of(node.booleanValue()) : Optional.empty();
    }

    /** {@code chat_template}: a string, or the entry named {@code default} of a list of {@code {name, template}}. */
    Optional<String> chatTemplate() {
        JsonNode node = root.path("chat_template");
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (node.isTextual()) {
            return Optional.of(node.textValue());
        }
        for (JsonNode entry : node) {
            if ("default".equals(entry.path("name").asText())
                    && entry.path("template").isTextual()) {
                return Optional.of(entry.path("template").textValue());
            }
        }
        throw new CheckpointException(
                file + ": chat_template is neither a string nor a list with an entry named default");
    }
}
