package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Resources as a cluster would get them. Tests change copies to see that a check notices.
 *
 * @param resources of every kind
 */
record Cluster(List<ObjectNode> resources) {

    static final Path ROOT = Path.of(System.getProperty("tandem.root"));

    private static final Path FOLDER = ROOT.resolve("deploy/kubernetes");

    /** What a folder below deploy/kubernetes makes, such as {@code overlays/cpu}. */
    static Cluster of(String folder) {
        return new Cluster(Kustomization.compose(FOLDER.resolve(folder)));
    }

    Stream<ObjectNode> all(String kind) {
        return resources.stream().filter(one -> one.path("kind").asText().equals(kind));
    }

    Optional<ObjectNode> find(String kind, String name) {
        return resources.stream()
                .filter(one -> Kustomization.isNamed(one, kind, name))
                .findFirst();
    }

    /** Everything that makes pods. */
    List<Workload> workloads() {
        return Stream.concat(all("Deployment"), all("StatefulSet"))
                .map(Workload::new)
                .toList();
    }

    /** The workload of a role. */
    Workload workload(String role) {
        return workloads().stream()
                .filter(one -> one.role().equals(role))
                .findFirst()
                .orElseThrow();
    }

    /** Variables of a container, those of its ConfigMaps included; what comes from a secret or a field has its place's name as value. */
    Map<String, String> environment(Workload workload) {
        Map<String, String> variables = new HashMap<>();
        for (JsonNode source : workload.container().path("envFrom")) {
            find("ConfigMap", source.at("/configMapRef/name").asText()).ifPresent(map -> map.get("data")
                    .properties()
                    .forEach(entry ->
                            variables.put(entry.getKey(), entry.getValue().asText())));
        }
        for (JsonNode variable : workload.container().path("env")) {
            JsonNode value = variable.path("value");
            variables.put(
                    variable.path("name").asText(),
                    value.isMissingNode() ? variable.path("valueFrom").toString() : value.asText());
        }
        return variables;
    }

    /** Whether a selector with matchLabels and matchExpressions of the operator In selects labels. */
    static boolean selects(JsonNode selector, JsonNode labels) {
        boolean equal = selector.path("matchLabels").properties().stream()
                .allMatch(wanted -> labels.path(wanted.getKey())
                        .asText()
                        .equals(wanted.getValue().asText()));
        return equal
                && stream(selector.path("matchExpressions")).allMatch(expression -> stream(expression.path("values"))
                        .anyMatch(value -> labels.path(expression.path("key").asText())
                                .asText()
                                .equals(value.asText())));
    }

    static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    static String name(JsonNode resource) {
        return resource.at("/metadata/name").asText();
    }
}
