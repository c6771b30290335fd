package io.tandem.deploy.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.messaging.BrokerMain;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The container file copies what there is, starts roles as the build says, and runs nobody as root. */
class ContainerfileTest {

    private static final Path FILE = Cluster.ROOT.resolve("deploy/container/Containerfile");
    private static final Pattern MODULE = Pattern.compile("/source/([a-z/-]+)/target/quarkus-app");

    private final Map<String, List<String>> stages = stages(Kustomization.read(FILE));
    private final String rootPom = Kustomization.read(Cluster.ROOT.resolve("pom.xml"));

    /** Instructions of each stage, behind those of the stage that it continues. */
    private static Map<String, List<String>> stages(String text) {
        Map<String, List<String>> stages = new LinkedHashMap<>();
        List<String> stage = new ArrayList<>();
        for (String line : text.replaceAll("(?m)^#.*$", "").replace("\\\n", " ").split("\n")) {
            Matcher from = Pattern.compile("FROM (\\S+) AS (\\S+)").matcher(line);
            if (from.matches()) {
                stage = new ArrayList<>(stages.getOrDefault(from.group(1), List.of()));
                stages.put(from.group(2), stage);
            } else if (!line.isBlank()) {
                stage.add(line.strip().replaceAll("\\s+", " "));
            }
        }
        return stages;
    }

    private String last(String stage, String instruction) {
        return stages.get(stage).stream()
                .filter(line -> line.startsWith(instruction + " "))
                .reduce((first, second) -> second)
                .map(line -> line.substring(instruction.length() + 1))
                .orElse("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "vision", "encoder", "decoder"})
    void roleHasAnImageOfItsApp(String role) {
        Matcher module = MODULE.matcher(last(role, "COPY"));
        assertTrue(module.find(), last(role, "COPY"));
        String pom = Kustomization.read(Cluster.ROOT.resolve(module.group(1) + "/pom.xml"));
        assertTrue(pom.contains("quarkus-maven-plugin"), module.group(1) + " builds no app");
        assertTrue(module.group(1).startsWith(role), module.group(1));
        String built = last("build", "RUN");
        assertTrue(
                Arrays.asList(built.replaceAll(".*-pl (\\S+) .*", "$1").split(","))
                        .contains(module.group(1)),
                built);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "vision", "encoder", "decoder"})
    void roleStartsAsTheBuildSays(String role) throws JsonProcessingException {
        List<String> command = List.of(new ObjectMapper().readValue(last(role, "ENTRYPOINT"), String[].class));
        assertEquals("java", command.getFirst());
        assertEquals(List.of("-jar", "quarkus-run.jar"), command.subList(command.size() - 2, command.size()));
        Matcher flags =
                Pattern.compile("<engine.jvm.flags>(.*)</engine.jvm.flags>").matcher(rootPom);
        assertTrue(flags.find());
        String given = String.join(" ", command);
        assertEquals(Roles.isService(role), given.contains(flags.group(1)), given);
        assertEquals("10001:10001", last(role, "USER"));
    }

    @Test
    void brokerListensAndKeepsItsJournalWhereManifestsSay() throws JsonProcessingException {
        List<String> command = List.of(new ObjectMapper().readValue(last("broker", "ENTRYPOINT"), String[].class));
        assertEquals(
                List.of(
                        "lib/*",
                        BrokerMain.class.getName(),
                        "0.0.0.0",
                        String.valueOf(Roles.AMQP),
                        BrokerServer.JOURNAL + "/broker"),
                command.subList(command.size() - 5, command.size()));
        assertEquals("10001:10001", last("broker", "USER"));
        assertEquals(
                Roles.AMQP,
                Cluster.of("base")
                        .workload(Roles.BROKER)
                        .container()
                        .at("/ports/0/containerPort")
                        .asInt());
        String pom = Kustomization.read(Cluster.ROOT.resolve("messaging/pom.xml"));
        assertTrue(pom.contains("maven-dependency-plugin"), "the build copies its libraries");
    }

    /** What the manifests say of user and heap is what the images have. */
    @Test
    void manifestsKnowTheImages() {
        Cluster base = Cluster.of("base");
        for (Workload workload : base.workloads()) {
            if (Roles.isBuilt(workload.role())) {
                assertEquals(
                        10001, workload.pod().at("/securityContext/runAsUser").asInt());
            }
        }
        String heap = "JDK_JAVA_OPTIONS=-XX:MaxRAMPercentage=%.0f";
        assertEquals(
                "TANDEM_ENGINE_MODEL=/opt/tandem/demo-model " + heap.formatted(100 * Settings.HEAP),
                last("decoder", "ENV"));
        assertEquals(
                "TANDEM_GATEWAY_FILES_PATH=/var/lib/tandem/files " + heap.formatted(100 * Settings.GATEWAY_HEAP),
                last("gateway", "ENV"));
    }

    /** The writable folders of the image are those that manifests mount. */
    @Test
    void cachesLieWhereVolumesAre() {
        String variables = last("runtime", "ENV");
        for (String folder : List.of("ENGINE_CACHE_DIR=/var/cache/tandem/", "HF_HOME=/var/cache/tandem/")) {
            assertTrue(variables.contains(folder), variables);
        }
        for (Workload workload : Cluster.of("base").workloads()) {
            if (Roles.isService(workload.role())) {
                assertTrue(Cluster.stream(workload.container().path("volumeMounts"))
                        .anyMatch(mount -> mount.path("mountPath").asText().equals("/var/cache/tandem")));
            }
        }
    }

    @Test
    void everythingThatIsCopiedExists() throws IOException {
        int copied = 0;
        for (String line : stages.values().stream().flatMap(List::stream).toList()) {
            if (line.startsWith("COPY ") && !line.contains("--from=")) {
                List<String> words = Stream.of(line.split(" "))
                        .skip(1)
                        .filter(word -> !word.startsWith("--"))
                        .toList();
                for (String source : words.subList(0, words.size() - 1)) {
                    assertTrue(exists(source), source + " is copied, and does not exist");
                    copied++;
                }
            }
        }
        assertTrue(copied > 4, "only " + copied + " sources were found");
        assertFalse(exists("deploy/demo-model/*.bin"));
    }

    private static boolean exists(String source) throws IOException {
        Path path = Cluster.ROOT.resolve(source);
        if (!source.contains("*")) {
            return Files.exists(path);
        }
        PathMatcher name = FileSystems.getDefault().getPathMatcher("glob:" + path.getFileName());
        try (Stream<Path> files = Files.list(path.getParent())) {
            return files.anyMatch(file -> name.matches(file.getFileName()));
        }
    }

    @Test
    void imagesHaveTheVersionOfTheBuild() {
        Matcher version = Pattern.compile("<artifactId>tandem</artifactId>\\s*<version>(.*)</version>")
                .matcher(rootPom);
        assertTrue(version.find());
        for (Workload workload : Cluster.of("base").workloads()) {
            if (Roles.isBuilt(workload.role())) {
                assertEquals(
                        "tandem-" + workload.role() + ":" + version.group(1),
                        workload.container().path("image").asText());
            }
        }
    }
}
