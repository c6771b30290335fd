package io.tandem.deploy.manifests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every field exists in the API and has a value of its type: fabric8's models, which take unknown fields unless told otherwise. */
final class TypedModels implements Check {

    private static final Map<String, Class<?>> TYPES = Map.of(
            "v1/ConfigMap", ConfigMap.class,
            "v1/Service", Service.class,
            "v1/PersistentVolumeClaim", PersistentVolumeClaim.class,
            "apps/v1/Deployment", Deployment.class,
            "apps/v1/StatefulSet", StatefulSet.class,
            "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
            "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class,
            // KEDA has no model that can be had: its fields are written down here.
            "keda.sh/v1alpha1/ScaledObject", ScaledObject.class);

    private static final ObjectMapper STRICT = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated method) {
                    return false;
                }
            });

    /** As of KEDA 2.17. */
    record ScaledObject(String apiVersion, String kind, Metadata metadata, Spec spec) {
        record Metadata(String name, Map<String, String> labels) {}

        record Spec(
                Target scaleTargetRef,
                int minReplicaCount,
                int maxReplicaCount,
                int pollingInterval,
                Fallback fallback,
                Advanced advanced,
                List<Trigger> triggers) {}

        record Target(String name) {}

        record Fallback(int failureThreshold, int replicas, String behavior) {}

        record Advanced(Autoscaler horizontalPodAutoscalerConfig) {}

        record Autoscaler(Behavior behavior) {}

        record Behavior(Rules scaleUp, Rules scaleDown) {}

        record Rules(int stabilizationWindowSeconds, List<Policy> policies) {}

        record Policy(String type, int value, int periodSeconds) {}

        record Trigger(String type, String name, String metricType, Prometheus metadata) {}

        /** All of them are strings, numbers too. */
        record Prometheus(String serverAddress, String query, String threshold) {}
    }

    @Override
    public List<String> findings(Cluster cluster) {
        List<String> findings = new ArrayList<>();
        for (ObjectNode resource : cluster.resources()) {
            String kind = resource.path("apiVersion").asText() + "/"
                    + resource.path("kind").asText();
            Class<?> type = TYPES.get(kind);
            if (type == null) {
                findings.add(Cluster.name(resource) + " is a " + kind + ", which no test knows");
                continue;
            }
            try {
                STRICT.treeToValue(resource, type);
            } catch (JsonProcessingException wrong) {
                findings.add(kind + " " + Cluster.name(resource) + ": " + wrong.getOriginalMessage());
            }
            findings.addAll(numbersAsText(resource));
        }
        return findings;
    }

    /** Jackson makes text of a number; a cluster refuses it where a variable, a threshold or a value of a ConfigMap is meant. */
    private static List<String> numbersAsText(ObjectNode resource) {
        List<String> findings = new ArrayList<>();
        List<JsonNode> texts = new ArrayList<>();
        for (JsonNode container : resource.at("/spec/template/spec/containers")) {
            container.path("env").forEach(variable -> texts.add(variable.path("value")));
        }
        resource.path("data").forEach(texts::add);
        resource.at("/spec/triggers")
                .forEach(trigger -> trigger.path("metadata").forEach(texts::add));
        for (JsonNode text : texts) {
            if (!text.isTextual() && !text.isMissingNode()) {
                findings.add(Cluster.name(resource) + " has " + text + " where text belongs: put it in quotes");
            }
        }
        return findings;
    }
}
