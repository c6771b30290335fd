package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What one resource says of another is true: selectors, ports, targets, ConfigMaps, secrets and volumes. */
final class References implements Check {

    /** Keys of the secrets that docs/operations.md says how to make. */
    static final Map<String, Set<String>> SECRETS = Map.of(
            "tandem-keys", Set.of("keys"),
            "tandem-cache", Set.of("username", "password", "users.properties"),
            "tandem-hub", Set.of("token"));

    private static final Set<String> PROBES = Set.of(
            "/q/health/live", "/q/health/ready", "/q/health/started", "/rest/v2/cache-managers/default/health/status");

    /** A program of the image that is run instead. */
    private static final String BROKER_PROBE = "broker-healthy";

    @Override
    public List<String> findings(Cluster cluster) {
        List<String> findings = new ArrayList<>();
        cluster.all("Service").forEach(service -> service(cluster, service, findings));
        cluster.all("PodDisruptionBudget").forEach(budget -> budget(cluster, budget, findings));
        cluster.all("ServiceMonitor").forEach(monitor -> monitor(cluster, monitor, findings));
        cluster.all("ScaledObject").forEach(scaling -> scaling(cluster, scaling, findings));
        cluster.workloads().forEach(workload -> {
            workload(cluster, workload, findings);
            variables(cluster, workload, findings);
            volumes(cluster, workload, findings);
        });
        return findings;
    }

    private static void service(Cluster cluster, ObjectNode service, List<String> findings) {
        List<Workload> behind = cluster.workloads().stream()
                .filter(workload -> service.at("/spec/selector").properties().stream()
                        .allMatch(
                                entry -> workload.labels().path(entry.getKey()).equals(entry.getValue())))
                .toList();
        if (behind.size() != 1) {
            findings.add("service " + Cluster.name(service) + " selects " + behind.size() + " workloads");
            return;
        }
        for (JsonNode port : service.at("/spec/ports")) {
            if (behind.getFirst().port(port.path("targetPort")).isEmpty()) {
                findings.add("service " + Cluster.name(service) + " sends to port " + port.path("targetPort")
                        + ", which " + behind.getFirst().name() + " has not");
            }
        }
    }

    private static void budget(Cluster cluster, ObjectNode budget, List<String> findings) {
        long selected = cluster.workloads().stream()
                .filter(workload -> Cluster.selects(budget.at("/spec/selector"), workload.labels()))
                .count();
        if (selected != 1) {
            findings.add("budget " + Cluster.name(budget) + " selects " + selected + " workloads");
        }
    }

    private static void monitor(Cluster cluster, ObjectNode monitor, List<String> findings) {
        List<ObjectNode> services = cluster.all("Service")
                .filter(service -> Cluster.selects(monitor.at("/spec/selector"), service.at("/metadata/labels")))
                .toList();
        Set<String> watched = new TreeSet<>();
        for (ObjectNode service : services) {
            watched.add(
                    service.at("/metadata/labels/app.kubernetes.io~1component").asText());
            for (JsonNode endpoint : monitor.at("/spec/endpoints")) {
                boolean exists = Cluster.stream(service.at("/spec/ports"))
                        .anyMatch(port -> port.path("name").equals(endpoint.path("port")));
                if (!exists) {
                    findings.add("monitor " + Cluster.name(monitor) + " scrapes port " + endpoint.path("port")
                            + ", which service " + Cluster.name(service) + " has not");
                }
            }
        }
        Set<String> ours = new TreeSet<>(cluster.workloads().stream()
                .map(Workload::role)
                .filter(Roles::isOurs)
                .toList());
        if (!watched.equals(ours)) {
            findings.add("monitor " + Cluster.name(monitor) + " watches " + watched + ", not " + ours);
        }
        for (JsonNode endpoint : monitor.at("/spec/endpoints")) {
            if (!endpoint.path("path").asText().equals("/q/metrics")) {
                findings.add("monitor " + Cluster.name(monitor) + " scrapes " + endpoint.path("path"));
            }
        }
    }

    private static void scaling(Cluster cluster, ObjectNode scaling, List<String> findings) {
        String name = scaling.at("/spec/scaleTargetRef/name").asText();
        cluster.find("Deployment", name)
                .ifPresentOrElse(
                        deployment -> {
                            if (deployment.path("spec").has("replicas")) {
                                findings.add(name + " is scaled by KEDA, and has a number of replicas too");
                            }
                        },
                        () -> findings.add("KEDA scales " + name + ", which there is not"));
        if (scaling.at("/spec/minReplicaCount").asInt() < 1) {
            findings.add(name + " scales to zero, and nobody would ask for the first pod");
        }
    }

    private static void workload(Cluster cluster, Workload workload, List<String> findings) {
        if (!Cluster.selects(workload.node().at("/spec/selector"), workload.labels())) {
            findings.add(workload.name() + " does not select its own pods");
        }
        JsonNode headless = workload.node().at("/spec/serviceName");
        if (!headless.isMissingNode()
                && cluster.find("Service", headless.asText()).isEmpty()) {
            findings.add(workload.name() + " names the service " + headless + ", which there is not");
        }
        for (String kind : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            JsonNode command = workload.container().path(kind).at("/exec/command/0");
            if (workload.role().equals(Roles.BROKER) && command.asText().equals(BROKER_PROBE)) {
                continue;
            }
            JsonNode request = workload.container().path(kind).path("httpGet");
            if (workload.port(request.path("port")).isEmpty()) {
                findings.add(workload.name() + " has no " + kind + " on a port of its own");
            }
            if (!PROBES.contains(request.path("path").asText())) {
                findings.add(workload.name() + " is probed at " + request.path("path"));
            }
        }
    }

    private static void variables(Cluster cluster, Workload workload, List<String> findings) {
        for (JsonNode source : workload.container().path("envFrom")) {
            String map = source.at("/configMapRef/name").asText();
            if (cluster.find("ConfigMap", map).isEmpty()) {
                findings.add(workload.name() + " takes variables from " + map + ", which there is not");
            }
        }
        for (JsonNode variable : workload.container().path("env")) {
            JsonNode secret = variable.at("/valueFrom/secretKeyRef");
            if (!secret.isMissingNode()) {
                secret(
                        workload,
                        secret.path("name").asText(),
                        secret.path("key").asText(),
                        findings);
            }
        }
    }

    private static void secret(Workload workload, String name, String key, List<String> findings) {
        if (!SECRETS.getOrDefault(name, Set.of()).contains(key)) {
            findings.add(workload.name() + " wants " + key + " of the secret " + name + ", which is not documented");
        }
    }

    private static void volumes(Cluster cluster, Workload workload, List<String> findings) {
        Set<String> volumes = new TreeSet<>();
        for (JsonNode volume : workload.pod().path("volumes")) {
            volumes.add(volume.path("name").asText());
            JsonNode map = volume.at("/configMap/name");
            if (!map.isMissingNode() && cluster.find("ConfigMap", map.asText()).isEmpty()) {
                findings.add(workload.name() + " mounts the ConfigMap " + map + ", which there is not");
            }
            JsonNode claim = volume.at("/persistentVolumeClaim/claimName");
            if (!claim.isMissingNode()
                    && cluster.find("PersistentVolumeClaim", claim.asText()).isEmpty()) {
                findings.add(workload.name() + " claims the volume " + claim + ", which there is not");
            }
            JsonNode secret = volume.path("secret");
            if (!secret.isMissingNode()) {
                String name = secret.path("secretName").asText();
                if (!SECRETS.containsKey(name)) {
                    findings.add(workload.name() + " mounts the secret " + name + ", which is not documented");
                }
                secret.path("items")
                        .forEach(item -> secret(workload, name, item.path("key").asText(), findings));
            }
        }
        Set<String> mounted = new TreeSet<>();
        workload.container()
                .path("volumeMounts")
                .forEach(mount -> mounted.add(mount.path("name").asText()));
        if (!mounted.equals(volumes)) {
            findings.add(workload.name() + " mounts " + mounted + " and has the volumes " + volumes);
        }
    }
}
