package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** No pod may more than it needs: Kubernetes' restricted standard, a read-only root besides, bounds of memory, and no token of the API. */
final class Hardening implements Check {

    private static final Map<String, String> POD = Map.of(
            "/securityContext/runAsNonRoot", "true",
            "/securityContext/seccompProfile/type", "RuntimeDefault",
            "/automountServiceAccountToken", "false");
    private static final Map<String, String> CONTAINER = Map.of(
            "/securityContext/allowPrivilegeEscalation", "false",
            "/securityContext/readOnlyRootFilesystem", "true",
            "/securityContext/capabilities/drop/0", "ALL");

    @Override
    public List<String> findings(Cluster cluster) {
        List<String> findings = new ArrayList<>();
        for (Workload workload : cluster.workloads()) {
            require(workload, workload.pod(), POD, findings);
            require(workload, workload.container(), CONTAINER, findings);
            if (workload.pod().at("/securityContext/runAsUser").asInt() == 0) {
                findings.add(workload.name() + " runs as root");
            }
            if (workload.pod().path("containers").size() != 1) {
                findings.add(workload.name() + " has containers that no check looks at");
            }
            for (String path :
                    List.of("/resources/requests/cpu", "/resources/requests/memory", "/resources/limits/memory")) {
                if (workload.container().at(path).isMissingNode()) {
                    findings.add(workload.name() + " has no " + path);
                }
            }
            for (JsonNode volume : workload.pod().path("volumes")) {
                if (volume.has("emptyDir") && !volume.at("/emptyDir").has("sizeLimit")) {
                    findings.add(workload.name() + " has the folder " + volume.path("name") + " without a bound");
                }
            }
        }
        return findings;
    }

    private static void require(Workload workload, JsonNode node, Map<String, String> expected, List<String> findings) {
        expected.forEach((path, value) -> {
            if (!node.at(path).asText().equals(value)) {
                findings.add(workload.name() + " has " + node.at(path) + " at " + path + ", not " + value);
            }
        });
    }
}
