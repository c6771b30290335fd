package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What KEDA asks Prometheus for; {@code MonitoringIT} checks it against what the packaged app publishes. */
public final class ScalingQueries {

    private ScalingQueries() {}

    /** All queries of the overlay cpu. */
    public static List<String> all() {
        return Cluster.of("overlays/cpu")
                .all("ScaledObject")
                .flatMap(scaling -> Cluster.stream(scaling.at("/spec/triggers")))
                .map(trigger -> trigger.at("/metadata/query"))
                .map(JsonNode::asText)
                .toList();
    }
}
