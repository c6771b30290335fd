package io.tandem.deploy.manifests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Breaks manifests in one place each, and the rule that is for it notices. */
class BrokenManifestsTest {

    @ParameterizedTest(name = "{1}")
    @MethodSource({"fields", "references", "settings", "limits", "sharing", "connections"})
    void isNoticed(String check, String finding, Consumer<Cluster> fault) {
        Cluster cluster = Cluster.of("overlays/cpu");
        fault.accept(cluster);
        List<String> findings = ManifestsTest.CHECKS.get(check).findings(cluster);
        assertTrue(findings.stream().anyMatch(one -> one.contains(finding)), findings.toString());
    }

    private static Arguments fault(String check, String finding, Consumer<Cluster> fault) {
        return Arguments.of(check, finding, fault);
    }

    static Stream<Arguments> fields() {
        String check = "fields and types";
        return Stream.of(
                fault(check, "replica", cluster -> spec(cluster, "Deployment", "tandem-decoder")
                        .put("replica", 3)),
                fault(check, "\"many\"", cluster -> spec(cluster, "Deployment", "tandem-decoder")
                        .put("replicas", "many")),
                fault(check, "readinesProbe", cluster -> container(cluster, "decoder")
                        .putObject("readinesProbe")),
                fault(check, "policyType", cluster -> spec(cluster, "NetworkPolicy", "tandem-deny")
                        .putArray("policyType")),
                fault(check, "minAvailible", cluster -> spec(cluster, "PodDisruptionBudget", "tandem-cache")
                        .put("minAvailible", 1)),
                fault(check, "endpoint\"", cluster -> spec(cluster, "ServiceMonitor", "tandem")
                        .putArray("endpoint")),
                fault(check, "maxReplicas", cluster -> spec(cluster, "ScaledObject", "tandem-decoder")
                        .put("maxReplicas", 3)),
                fault(check, "where text belongs", cluster -> ((ArrayNode)
                                container(cluster, "decoder").get("env"))
                        .addObject()
                        .put("name", "TANDEM_DECODER_MAX_QUEUE")
                        .put("value", 8)),
                fault(check, "which no test knows", cluster -> resource(cluster, "Service", "tandem-cache")
                        .put("apiVersion", "v2")));
    }

    static Stream<Arguments> references() {
        String check = "references";
        return Stream.of(
                fault(check, "service tandem-decoder selects 0", cluster -> object(
                                spec(cluster, "Service", "tandem-decoder"), "/selector")
                        .put("app.kubernetes.io/component", "decoders")),
                fault(check, "sends to port", cluster -> object(spec(cluster, "Service", "tandem-decoder"), "/ports/0")
                        .put("targetPort", "rpc")),
                fault(check, "budget tandem-cache selects 0", cluster -> object(
                                spec(cluster, "PodDisruptionBudget", "tandem-cache"), "/selector/matchLabels")
                        .put("app.kubernetes.io/component", "grid")),
                fault(check, "scrapes port", cluster -> object(
                                spec(cluster, "ServiceMonitor", "tandem"), "/endpoints/0")
                        .put("port", "metrics")),
                fault(check, "scrapes \"/metrics\"", cluster -> object(
                                spec(cluster, "ServiceMonitor", "tandem"), "/endpoints/0")
                        .put("path", "/metrics")),
                fault(check, "watches []", cluster -> object(
                                spec(cluster, "ServiceMonitor", "tandem"), "/selector/matchLabels")
                        .put("app.kubernetes.io/name", "other")),
                fault(check, "which there is not", cluster -> object(
                                spec(cluster, "ScaledObject", "tandem-decoder"), "/scaleTargetRef")
                        .put("name", "tandem-writer")),
                fault(check, "a number of replicas too", cluster -> spec(cluster, "Deployment", "tandem-decoder")
                        .put("replicas", 3)),
                fault(check, "scales to zero", cluster -> spec(cluster, "ScaledObject", "tandem-vision")
                        .put("minReplicaCount", 0)),
                fault(check, "is probed at", cluster -> object(container(cluster, "gateway"), "/livenessProbe/httpGet")
                        .put("path", "/health")),
                fault(check, "no readinessProbe", cluster -> container(cluster, "encoder")
                        .remove("readinessProbe")),
                fault(check, "takes variables from", cluster -> cluster.resources()
                        .remove(resource(cluster, "ConfigMap", "tandem-log"))),
                fault(check, "wants token of the secret tandem-cache", cluster -> object(
                                container(cluster, "vision"), "/env/1/valueFrom/secretKeyRef")
                        .put("key", "token")),
                fault(check, "has the volumes", cluster -> ((ArrayNode)
                                container(cluster, "vision").get("volumeMounts"))
                        .remove(0)),
                fault(check, "claims the volume", cluster -> cluster.resources()
                        .remove(resource(cluster, "PersistentVolumeClaim", "tandem-files"))),
                fault(check, "does not select its own pods", cluster -> object(
                                spec(cluster, "Deployment", "tandem-vision"), "/selector/matchLabels")
                        .put("app.kubernetes.io/name", "other")));
    }

    static Stream<Arguments> settings() {
        String check = "settings";
        return Stream.of(
                fault(check, "TANDEM_GATEWAY_DECODER, which is no setting", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_DECODER", "dns:tandem-decoder:9000")),
                fault(check, "TANDEM_GATEWAY_DRAIN, which is no setting", cluster -> data(cluster, "tandem-model")
                        .put("TANDEM_GATEWAY_DRAIN", "5S")),
                fault(check, "tandem.gateway.drain", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_DRAIN", "soon")),
                fault(check, "tandem.decoder.page-memory with the config value", cluster -> variable(
                                cluster, "decoder", "TANDEM_DECODER_PAGE_MEMORY")
                        .put("value", "512Mi")),
                fault(check, "is no headless service", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_DECODERS", "dns:tandem-gateway:9000")),
                fault(check, "is no port of that service", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_VISION", "dns:tandem-vision:9001")),
                fault(check, "not by DNS", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_VISION", "tandem-vision:9000")),
                fault(check, "is no file of the secret", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_KEYS_FILE", "/etc/tandem/keys")),
                fault(check, "is not on the volume for files", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_FILES_PATH", "/tmp/files")),
                fault(check, "reading documents takes", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_GATEWAY_FILES_EXTRACTION_PARALLEL", "8")),
                fault(check, "no port of a service", cluster -> data(cluster, "tandem-states")
                        .put("TANDEM_CACHE_SERVERS", "tandem-cache:11223")),
                fault(check, "keeps states to itself", cluster -> data(cluster, "tandem-states")
                        .put("TANDEM_CACHE_MODE", "local")),
                fault(check, "a cluster that nobody else reaches", cluster -> data(cluster, "tandem-states")
                        .put("TANDEM_CACHE_MODE", "cluster")),
                fault(check, "tandem-cache, which is no headless service", cluster -> data(cluster, "tandem-states")
                        .put("TANDEM_CACHE_MODE", "cluster")
                        .put("TANDEM_CACHE_CLUSTER_DNS", "tandem-cache")),
                fault(check, "has no port 7800 for its cluster", cluster -> data(cluster, "tandem-states")
                        .put("TANDEM_CACHE_MODE", "cluster")),
                fault(check, "its app listens on", cluster -> object(container(cluster, "decoder"), "/ports/0")
                        .put("containerPort", 9001)),
                fault(check, "is killed after", cluster -> variable(cluster, "decoder", "TANDEM_DECODER_DRAIN_TIMEOUT")
                        .put("value", "125s")),
                fault(check, "is killed after", cluster -> object(
                                container(cluster, "gateway"), "/lifecycle/preStop/sleep")
                        .put("seconds", 15)),
                fault(check, "keys and values alone", cluster -> variable(
                                cluster, "decoder", "TANDEM_DECODER_ENCODER_MEMORY")
                        .put("value", "4G")));
    }

    static Stream<Arguments> limits() {
        return Stream.of(
                fault("hardening", "readOnlyRootFilesystem", cluster -> object(
                                container(cluster, "gateway"), "/securityContext")
                        .put("readOnlyRootFilesystem", false)),
                fault("hardening", "runs as root", cluster -> object(
                                cluster.workload("cache").pod(), "/securityContext")
                        .put("runAsUser", 0)),
                fault("hardening", "/resources/limits/memory", cluster -> object(
                                container(cluster, "vision"), "/resources/limits")
                        .remove("memory")),
                fault("hardening", "without a bound", cluster -> object(
                                cluster.workload("vision").pod(), "/volumes/0/emptyDir")
                        .remove("sizeLimit")),
                fault(
                        "cache server",
                        "declares another cache",
                        cluster -> replace(cluster, "owners=\"2\"", "owners=\"1\"")),
                fault("cache server", "which infinispan.xml has not", cluster -> data(cluster, "tandem-states")
                        .put("TANDEM_CACHE_NAME", "states")),
                fault("cache server", "bounds each server to 8G", cluster -> replace(cluster, "4GB", "8GB")),
                fault("cache server", "entries and heap need", cluster -> object(
                                container(cluster, "cache"), "/resources/limits")
                        .put("memory", "4Gi")),
                fault("cache server", "another port", cluster -> replace(cluster, "port=\"11222\"", "port=\"11333\"")));
    }

    static Stream<Arguments> sharing() {
        String check = "broker";
        return Stream.of(
                fault(check, "tandem-broker may have two pods", cluster -> spec(cluster, "Deployment", "tandem-broker")
                        .put("replicas", 2)),
                fault(check, "tandem-broker may have two pods", cluster -> object(
                                spec(cluster, "Deployment", "tandem-broker"), "/strategy")
                        .put("type", "RollingUpdate")),
                fault(check, "has its journal on no volume", cluster -> object(
                                container(cluster, "broker"), "/volumeMounts/0")
                        .put("mountPath", "/var/lib/broker")),
                fault(check, "has a broker of its own in each pod", cluster -> data(cluster, "tandem-gateway")
                        .remove("TANDEM_BROKER_URL")),
                fault(check, "amqp://tandem-broker:5671, which is no port", cluster -> data(cluster, "tandem-gateway")
                        .put("TANDEM_BROKER_URL", "amqp://tandem-broker:5671")),
                fault(check, "can't share their files", cluster -> ((ArrayNode)
                                spec(cluster, "PersistentVolumeClaim", "tandem-files")
                                        .get("accessModes"))
                        .removeAll()
                        .add("ReadWriteOnce")),
                fault("references", "tandem-broker has no livenessProbe", cluster -> object(
                                container(cluster, "broker"), "/livenessProbe/exec")
                        .putArray("command")
                        .add("true")));
    }

    static Stream<Arguments> connections() {
        String check = "network";
        return Stream.of(
                fault(check, "gateway -> decoder:9000 is needed and blocked", cluster -> ((ArrayNode)
                                spec(cluster, "NetworkPolicy", "tandem-gateway")
                                        .at("/egress/0/to/0/podSelector/matchExpressions/0/values"))
                        .remove(2)),
                fault(check, "gateway -> broker:5672 is needed and blocked", cluster -> cluster.resources()
                        .remove(resource(cluster, "NetworkPolicy", "tandem-broker"))),
                fault(check, "decoder -> cache:11222 is needed and blocked", cluster -> object(
                                spec(cluster, "NetworkPolicy", "tandem-services"), "/egress/0/ports/0")
                        .put("port", 11223)),
                fault(check, "anybody -> decoder:8080 is open", cluster -> cluster.resources()
                        .removeIf(one -> Cluster.name(one).equals("tandem-deny")
                                || Cluster.name(one).equals("tandem-services")
                                || Cluster.name(one).equals("tandem-monitoring"))),
                fault(check, "gateway -> decoder:8080 is open", cluster -> {
                    object(spec(cluster, "NetworkPolicy", "tandem-gateway"), "/egress/0")
                            .remove("ports");
                    object(spec(cluster, "NetworkPolicy", "tandem-services"), "/ingress/0")
                            .remove("ports");
                }),
                fault(check, "cache -> cache:57800 is needed", cluster -> ((ArrayNode)
                                spec(cluster, "NetworkPolicy", "tandem-cache").at("/egress/0/ports"))
                        .remove(1)),
                fault(check, "gateway reaches the internet", cluster -> object(
                                spec(cluster, "NetworkPolicy", "tandem-hub"), "/podSelector")
                        .remove("matchExpressions")),
                fault(check, "cannot ask for names", cluster -> cluster.resources()
                        .remove(resource(cluster, "NetworkPolicy", "tandem-dns"))));
    }

    private static ObjectNode resource(Cluster cluster, String kind, String name) {
        return cluster.find(kind, name).orElseThrow();
    }

    private static ObjectNode spec(Cluster cluster, String kind, String name) {
        return object(resource(cluster, kind, name), "/spec");
    }

    private static ObjectNode container(Cluster cluster, String role) {
        return cluster.workload(role).container();
    }

    private static ObjectNode data(Cluster cluster, String map) {
        return object(resource(cluster, "ConfigMap", map), "/data");
    }

    private static void replace(Cluster cluster, String text, String by) {
        ObjectNode data = data(cluster, "tandem-cache");
        data.put("infinispan.xml", data.get("infinispan.xml").asText().replace(text, by));
    }

    private static ObjectNode variable(Cluster cluster, String role, String name) {
        return Cluster.stream(container(cluster, role).path("env"))
                .filter(one -> one.path("name").asText().equals(name))
                .map(ObjectNode.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static ObjectNode object(JsonNode node, String path) {
        return (ObjectNode) node.at(path);
    }
}
