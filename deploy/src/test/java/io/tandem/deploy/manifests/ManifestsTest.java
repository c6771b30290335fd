package io.tandem.deploy.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.engine.runner.Backends;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The base and every overlay keep every rule; {@link BrokenManifestsTest} shows that each rule can be broken. */
class ManifestsTest {

    static final Map<String, Check> CHECKS = Map.of(
            "fields and types", new TypedModels(),
            "references", new References(),
            "settings", new Settings(),
            "hardening", new Hardening(),
            "network", new Network(),
            "cache server", new CacheServer(),
            "broker", new BrokerServer());

    @TestFactory
    Stream<DynamicTest> everyOverlayKeepsEveryRule() {
        return Stream.of("base", "overlays/cpu", "overlays/gpu").flatMap(folder -> {
            Cluster cluster = Cluster.of(folder);
            return CHECKS.entrySet().stream()
                    .map(check -> dynamicTest(
                            folder + ": " + check.getKey(),
                            () -> assertEquals(List.of(), check.getValue().findings(cluster))));
        });
    }

    @Test
    void everyRoleIsThere() {
        List<String> roles = Cluster.of("base").workloads().stream()
                .map(Workload::role)
                .sorted()
                .toList();
        assertEquals(List.of("broker", "cache", "decoder", "encoder", "gateway", "vision"), roles);
    }

    /** Every file belongs to what is applied, so that none is left behind unchecked. */
    @Test
    void noFileIsLeftOut() throws IOException {
        Path folder = Cluster.ROOT.resolve("deploy/kubernetes");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                boolean listed = file.endsWith("kustomization.yaml")
                        || Stream.of(file.getParent(), file.getParent().getParent())
                                .map(parent -> parent.resolve("kustomization.yaml"))
                                .filter(Files::exists)
                                .anyMatch(list -> Kustomization.read(list)
                                        .contains("- " + list.getParent().relativize(file)));
                assertTrue(listed, file + " is named by no kustomization.yaml");
            }
        }
    }

    /** An overlay that can't work yet says so, and stops saying so when it can. */
    @Test
    void theGpuOverlaySaysWhetherItsBackendExists() {
        Cluster gpu = Cluster.of("overlays/gpu");
        String backend = gpu.environment(gpu.workload(Roles.DECODER)).get("TANDEM_ENGINE_BACKEND");
        String text = Kustomization.read(Cluster.ROOT.resolve("deploy/kubernetes/overlays/gpu/kustomization.yaml"));
        assertEquals(!Backends.names().contains(backend), text.contains("NOT USABLE YET"), backend);
        for (Workload workload : gpu.workloads()) {
            JsonNode gpus =
                    workload.container().path("resources").path("limits").path("nvidia.com/gpu");
            assertEquals(Roles.isService(workload.role()) ? 1 : 0, gpus.asInt(), workload.name());
        }
    }

    /** Kustomize itself makes the same of it, but for the hashes that it gives to names of ConfigMaps. */
    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/cpu", "overlays/gpu"})
    void kustomizeAgrees(String folder) throws IOException, InterruptedException {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "kubectl")));
        if (!present) {
            System.out.println("ManifestsTest: kubectl is not on the PATH, so kustomize itself is not asked");
        }
        Assumptions.assumeTrue(present, "kubectl is not on the PATH");
        Process kubectl = new ProcessBuilder("kubectl", "kustomize", "deploy/kubernetes/" + folder)
                .directory(Cluster.ROOT.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, kubectl.waitFor());
        Map<String, JsonNode> theirs = new TreeMap<>();
        String plain = text.replaceAll("(tandem-[a-z]+)-[a-z0-9]{10}\\b", "$1");
        try (var values = Kustomization.YAML.readerFor(JsonNode.class).<JsonNode>readValues(plain)) {
            values.forEachRemaining(one -> theirs.put(one.path("kind").asText() + " " + Cluster.name(one), one));
        }
        Map<String, JsonNode> ours = new TreeMap<>();
        for (ObjectNode one : Cluster.of(folder).resources()) {
            ours.put(one.path("kind").asText() + " " + Cluster.name(one), one);
        }
        assertFalse(ours.isEmpty());
        assertEquals(theirs, ours);
    }
}
