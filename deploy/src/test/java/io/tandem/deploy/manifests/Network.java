package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Who reaches whom under the network policies is exactly who has to. */
final class Network implements Check {

    /** Of JGroups, and 50,000 above it for FD_SOCK2, as Infinispan's stack kubernetes has them. */
    private static final Set<String> NEEDED = Set.of(
            "gateway -> vision:9000",
            "gateway -> encoder:9000",
            "gateway -> decoder:9000",
            "gateway -> broker:5672",
            "vision -> cache:11222",
            "encoder -> cache:11222",
            "decoder -> cache:11222",
            "cache -> cache:7800",
            "cache -> cache:57800",
            "anybody -> gateway:8080");

    @Override
    public List<String> findings(Cluster cluster) {
        Set<String> open = open(cluster);
        List<String> findings = new ArrayList<>();
        for (String pair : NEEDED) {
            if (!open.contains(pair)) {
                findings.add(pair + " is needed and blocked");
            }
        }
        for (String pair : open) {
            if (!NEEDED.contains(pair)) {
                findings.add(pair + " is open and not needed");
            }
        }
        for (Workload workload : cluster.workloads()) {
            if (!outside(cluster, workload, "53")) {
                findings.add(workload.role() + " cannot ask for names");
            }
            if (cluster.find("NetworkPolicy", "tandem-hub").isPresent() != outside(cluster, workload, "443")
                    && Roles.isService(workload.role())) {
                findings.add(workload.role() + " reaches the internet exactly when it should not");
            }
            if (!Roles.isService(workload.role()) && outside(cluster, workload, "443")) {
                findings.add(workload.role() + " reaches the internet");
            }
        }
        return findings;
    }

    /** Every connection to a container's port that the policies let through. */
    private static Set<String> open(Cluster cluster) {
        Set<String> open = new TreeSet<>();
        for (Workload server : cluster.workloads()) {
            for (JsonNode port : server.container().path("ports")) {
                int number = port.path("containerPort").asInt();
                if (admits(cluster, server, Optional.empty(), number)) {
                    open.add("anybody -> " + server.role() + ":" + number);
                }
                for (Workload client : cluster.workloads()) {
                    boolean in = admits(cluster, server, Optional.of(client), number);
                    if (in && leaves(cluster, client, server, number)) {
                        open.add(client.role() + " -> " + server.role() + ":" + number);
                    }
                }
            }
        }
        return open;
    }

    /** Whether a pod lets a client in; an empty client is anybody at all. */
    private static boolean admits(Cluster cluster, Workload server, Optional<Workload> client, int port) {
        List<ObjectNode> policies = policies(cluster, server, "Ingress");
        return policies.isEmpty()
                || policies.stream()
                        .flatMap(policy -> Cluster.stream(policy.at("/spec/ingress")))
                        .anyMatch(rule -> hasPort(rule, server, port)
                                && (!rule.has("from") || client.isPresent() && meets(rule.path("from"), client.get())));
    }

    private static boolean leaves(Cluster cluster, Workload client, Workload server, int port) {
        List<ObjectNode> policies = policies(cluster, client, "Egress");
        return policies.isEmpty()
                || policies.stream()
                        .flatMap(policy -> Cluster.stream(policy.at("/spec/egress")))
                        .anyMatch(rule ->
                                hasPort(rule, server, port) && (!rule.has("to") || meets(rule.path("to"), server)));
    }

    /** Whether a pod reaches that port of something that is none of our pods. */
    private static boolean outside(Cluster cluster, Workload client, String port) {
        return policies(cluster, client, "Egress").stream()
                .flatMap(policy -> Cluster.stream(policy.at("/spec/egress")))
                .filter(rule -> Cluster.stream(rule.path("ports"))
                        .anyMatch(one -> one.path("port").asText().equals(port)))
                .flatMap(rule -> Cluster.stream(rule.path("to")))
                .anyMatch(peer -> peer.has("ipBlock") || peer.has("namespaceSelector"));
    }

    private static List<ObjectNode> policies(Cluster cluster, Workload workload, String direction) {
        return cluster.all("NetworkPolicy")
                .filter(policy -> Cluster.selects(policy.at("/spec/podSelector"), workload.labels()))
                .filter(policy -> Cluster.stream(policy.at("/spec/policyTypes"))
                        .anyMatch(type -> type.asText().equals(direction)))
                .toList();
    }

    /** A rule without ports is for all of them. */
    private static boolean hasPort(JsonNode rule, Workload server, int port) {
        return !rule.has("ports")
                || Cluster.stream(rule.path("ports"))
                        .anyMatch(one -> server.port(one.path("port")).orElse(-1) == port);
    }

    private static boolean meets(JsonNode peers, Workload workload) {
        return Cluster.stream(peers)
                .filter(peer -> peer.has("podSelector") && !peer.has("namespaceSelector"))
                .anyMatch(peer -> Cluster.selects(peer.path("podSelector"), workload.labels()));
    }
}
