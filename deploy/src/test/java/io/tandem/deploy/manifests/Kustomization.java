package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code kubectl kustomize} makes of a folder, for the part of kustomize that this repository uses; anything else is an error.
 * Generated ConfigMaps keep their plain names, without a hash. Owned by the test that composes.
 */
final class Kustomization {

    static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private static final Set<String> KNOWN =
            Set.of("apiVersion", "kind", "resources", "components", "configMapGenerator", "images", "patches");

    private final List<ObjectNode> resources = new ArrayList<>();

    private Kustomization() {}

    /** All resources of a folder with a kustomization.yaml. */
    static List<ObjectNode> compose(Path folder) {
        Kustomization composed = new Kustomization();
        composed.add(folder);
        return composed.resources;
    }

    private void add(Path folder) {
        JsonNode file = documents(folder.resolve("kustomization.yaml")).getFirst();
        Set<String> unknown = new TreeSet<>();
        file.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KNOWN);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(folder + " uses " + unknown + ", which these tests don't understand");
        }
        for (JsonNode entry : file.path("resources")) {
            Path path = folder.resolve(entry.asText()).normalize();
            if (Files.isDirectory(path)) {
                add(path);
            } else {
                resources.addAll(documents(path));
            }
        }
        file.path("components")
                .forEach(entry -> add(folder.resolve(entry.asText()).normalize()));
        file.path("configMapGenerator").forEach(entry -> generate(folder, entry));
        file.path("images").forEach(this::rename);
        file.path("patches").forEach(this::patch);
    }

    private void generate(Path folder, JsonNode entry) {
        String name = entry.path("name").asText();
        ObjectNode map;
        if (entry.path("behavior").asText().equals("merge")) {
            map = resources.stream()
                    .filter(one -> isNamed(one, "ConfigMap", name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no ConfigMap " + name + " to merge into"));
        } else {
            map = YAML.createObjectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
            map.putObject("metadata").put("name", name);
            map.putObject("data");
            resources.add(map);
        }
        ObjectNode data = (ObjectNode) map.get("data");
        for (JsonNode literal : entry.path("literals")) {
            String[] pair = literal.asText().split("=", 2);
            data.put(pair[0], pair[1]);
        }
        for (JsonNode file : entry.path("files")) {
            Path path = folder.resolve(file.asText());
            data.put(path.getFileName().toString(), read(path));
        }
    }

    private void rename(JsonNode image) {
        int renamed = 0;
        for (ObjectNode resource : resources) {
            for (JsonNode container : resource.at("/spec/template/spec/containers")) {
                String[] reference = container.path("image").asText().split(":", 2);
                if (reference[0].equals(image.path("name").asText())) {
                    ((ObjectNode) container)
                            .put(
                                    "image",
                                    reference[0] + ":" + image.path("newTag").asText());
                    renamed++;
                }
            }
        }
        if (renamed == 0) {
            throw new IllegalArgumentException("no container has the image " + image.path("name"));
        }
    }

    private void patch(JsonNode patch) {
        int patched = 0;
        for (ObjectNode resource : resources) {
            String kind = patch.at("/target/kind").asText();
            String name = resource.at("/metadata/name").asText();
            if (resource.path("kind").asText().equals(kind)
                    && name.matches(patch.at("/target/name").asText())) {
                tree(patch.path("patch").asText()).forEach(operation -> apply(operation, resource));
                patched++;
            }
        }
        if (patched == 0) {
            throw new IllegalArgumentException("a patch meets nothing: " + patch.path("target"));
        }
    }

    /** One operation of RFC 6902, whose place has to exist. */
    private static void apply(JsonNode operation, ObjectNode resource) {
        String path = operation.path("path").asText();
        int last = path.lastIndexOf('/');
        JsonNode parent = resource.at(path.substring(0, last));
        String field = path.substring(last + 1).replace("~1", "/");
        switch (operation.path("op").asText()) {
            case "add" -> {
                if (parent instanceof ArrayNode array && field.equals("-")) {
                    array.add(operation.get("value"));
                } else {
                    object(parent, path).set(field, operation.get("value"));
                }
            }
            case "remove" -> {
                if (object(parent, path).remove(field) == null) {
                    throw new IllegalArgumentException("nothing to remove at " + path);
                }
            }
            default -> throw new IllegalArgumentException("these tests don't understand " + operation);
        }
    }

    private static ObjectNode object(JsonNode node, String path) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException("nothing to patch at " + path);
    }

    static boolean isNamed(JsonNode resource, String kind, String name) {
        return resource.path("kind").asText().equals(kind)
                && resource.at("/metadata/name").asText().equals(name);
    }

    private static List<ObjectNode> documents(Path file) {
        List<ObjectNode> documents = new ArrayList<>();
        parse(read(file)).forEach(node -> documents.add((ObjectNode) node));
        return documents;
    }

    private static List<JsonNode> parse(String text) {
        try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            return values.readAll();
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    private static JsonNode tree(String text) {
        try {
            return YAML.readTree(text);
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }
}
