package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/**
 * A resource that makes pods with one container.
 *
 * @param node the resource
 */
record Workload(ObjectNode node) {

    String name() {
        return Cluster.name(node);
    }

    /** What its pods do, as their label says. */
    String role() {
        return labels().path("app.kubernetes.io/component").asText();
    }

    JsonNode labels() {
        return node.at("/spec/template/metadata/labels");
    }

    ObjectNode pod() {
        return (ObjectNode) node.at("/spec/template/spec");
    }

    ObjectNode container() {
        return (ObjectNode) node.at("/spec/template/spec/containers/0");
    }

    /** A port by name or number; empty if no container listens there. */
    OptionalInt port(JsonNode nameOrNumber) {
        return Cluster.stream(container().path("ports"))
                .filter(port -> port.path("name").asText().equals(nameOrNumber.asText())
                        || port.path("containerPort").asInt() == nameOrNumber.asInt(-1))
                .mapToInt(port -> port.path("containerPort").asInt())
                .findFirst();
    }
}
