package io.tandem.bench.capacity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads scenarios: what a file and the command line leave out is as in {@code default.json} beside this class. */
public final class ScenarioFile {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private ScenarioFile() {}

    /**
     * Reads a scenario.
     *
     * @param changes values by field, such as {@code decoders.count} and {@code 1000}; they win over the file
     * @throws IllegalArgumentException if there is no such file, field or value; the message names it
     */
    public static Scenario read(Optional<Path> file, Map<String, String> changes) {
        ObjectNode scenario = defaults();
        file.ifPresent(path -> merge(scenario, parse(path), path.toString()));
        changes.forEach((field, value) -> set(scenario, field, value));
        try {
            return MAPPER.treeToValue(scenario, Scenario.class);
        } catch (JsonProcessingException wrong) {
            Throwable reason = wrong.getCause() instanceof IllegalArgumentException refused ? refused : wrong;
            throw new IllegalArgumentException(
                    reason.getMessage().lines().findFirst().orElse("wrong"), wrong);
        }
    }

    private static ObjectNode defaults() {
        try (InputStream file = ScenarioFile.class.getResourceAsStream("default.json")) {
            return (ObjectNode) MAPPER.readTree(file);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static JsonNode parse(Path path) {
        try {
            return MAPPER.readTree(Files.readString(path));
        } catch (IOException broken) {
            throw new IllegalArgumentException(path + " can't be read: " + broken.getMessage(), broken);
        }
    }

    /** Objects field by field, everything else as a whole: half of a list of step times would be none. */
    private static void merge(ObjectNode target, JsonNode source, String where) {
        if (!source.isObject()) {
            throw new IllegalArgumentException(where + " must be an object, not " + source);
        }
        for (Map.Entry<String, JsonNode> field : source.properties()) {
            String name = field.getKey();
            JsonNode known = target.get(name);
            if (known == null) {
                throw unknown(where + ": " + name, target);
            }
            if (known instanceof ObjectNode object) {
                merge(object, field.getValue(), where + ": " + name);
            } else {
                target.set(name, field.getValue());
            }
        }
    }

    private static void set(ObjectNode scenario, String field, String value) {
        ObjectNode target = scenario;
        List<String> names = new ArrayList<>(List.of(field.split("\\.")));
        String last = names.removeLast();
        for (String name : names) {
            if (!(target.get(name) instanceof ObjectNode inner)) {
                throw unknown(field, target);
            }
            target = inner;
        }
        if (!target.has(last)) {
            throw unknown(field, target);
        }
        target.set(last, valueOf(value));
    }

    /** JSON, or a text without quotation marks. */
    private static JsonNode valueOf(String value) {
        try {
            return MAPPER.readTree(value);
        } catch (JsonProcessingException text) {
            return TextNode.valueOf(value);
        }
    }

    private static IllegalArgumentException unknown(String field, ObjectNode known) {
        List<String> names = new ArrayList<>();
        known.fieldNames().forEachRemaining(names::add);
        return new IllegalArgumentException(
                field + " is no field of a scenario; there are " + String.join(", ", names));
    }
}
