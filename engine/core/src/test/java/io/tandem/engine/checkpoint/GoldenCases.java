package io.tandem.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The cases of one golden folder: what {@code cases.json} says and {@code cases.safetensors} holds. Immutable.
 *
 * @param folder where the folder's other files lie, images and the checkpoint
 * @param header what {@code cases.json} says besides its cases
 * @param cases in the order of the file; those of another folder where the file says {@code same_cases_as}
 * @param tensors all of {@code cases.safetensors}, by their full names; for those that no case owns
 */
public record GoldenCases(Path folder, JsonNode header, List<GoldenCase> cases, Map<String, GoldenTensor> tensors) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The folder of that name, whether or not it has cases. */
    public static Path folder(String name) {
        return Path.of(System.getProperty("tandem.root"), "engine/core/src/test/golden", name);
    }

    /** Reads a folder, such as {@code text-sliding}. */
    public static GoldenCases open(String name) {
        Path folder = folder(name);
        JsonNode json = read(folder.resolve("cases.json"));
        if (json.has("same_cases_as")) {
            GoldenCases other = open(json.get("same_cases_as").asText());
            return new GoldenCases(folder, json, other.cases(), other.tensors());
        }
        Map<String, GoldenTensor> tensors = tensors(folder.resolve("cases.safetensors"));
        List<GoldenCase> cases = new ArrayList<>();
        for (JsonNode node : json.path("cases")) {
            cases.add(goldenCase(node, node.path("name").asText(String.valueOf(cases.size())), tensors));
        }
        return new GoldenCases(folder, json, List.copyOf(cases), tensors);
    }

    /** @throws IllegalArgumentException when the folder has no such case */
    public GoldenCase named(String name) {
        return cases.stream()
                .filter(goldenCase -> goldenCase.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException(folder + " has no case " + name));
    }

    private static GoldenCase goldenCase(JsonNode node, String name, Map<String, GoldenTensor> tensors) {
        Map<String, JsonNode> options = new LinkedHashMap<>();
        node.properties().forEach(option -> options.put(option.getKey(), option.getValue()));
        options.remove("tensors");
        Map<String, GoldenTensor> own = new LinkedHashMap<>();
        node.path("tensors").fieldNames().forEachRemaining(tensor -> own.put(tensor, tensors.get(name + "/" + tensor)));
        if (own.containsValue(null)) {
            throw new IllegalStateException("case " + name + " lists tensors that cases.safetensors lacks: " + own);
        }
        return new GoldenCase(name, Collections.unmodifiableMap(options), Collections.unmodifiableMap(own));
    }

    private static Map<String, GoldenTensor> tensors(Path path) {
        if (!Files.exists(path)) {
            return Map.of();
        }
        SafetensorsFile file = SafetensorsFile.open(path, Arena.ofAuto());
        Map<String, GoldenTensor> tensors = new LinkedHashMap<>();
        file.entries()
                .forEach((name, entry) ->
                        tensors.put(name, new GoldenTensor(name, entry.dtype(), entry.shape(), file.data(entry))));
        return Collections.unmodifiableMap(tensors);
    }

    private static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
