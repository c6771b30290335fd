package io.tandem.deploy.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.config.SmallRyeConfig;
import io.tandem.cache.CacheConfig;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.messaging.BrokerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The compose file says the same as the manifests, and nothing that the apps don't understand. */
class ComposeTest {

    private static final Path FOLDER = Cluster.ROOT.resolve("deploy/compose");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{[A-Z_]+:-([^}]*)}");
    /** What a role needs after its drain to close everything. */
    private static final int CLOSING_SECONDS = 10;

    private final JsonNode compose = read("compose.yaml");

    /** With the defaults of its variables; SnakeYAML, as Jackson doesn't merge. */
    private static JsonNode read(String file) {
        String text = VARIABLE.matcher(Kustomization.read(FOLDER.resolve(file))).replaceAll("$1");
        return new ObjectMapper().valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).<Object>load(text));
    }

    private ObjectNode service(String name) {
        return (ObjectNode) compose.at("/services").path(name);
    }

    private static Map<String, String> environment(JsonNode service) {
        Map<String, String> variables = new TreeMap<>();
        // An empty variable is taken for one that is not there.
        service.path("environment")
                .properties()
                .forEach(entry -> variables.put(entry.getKey(), entry.getValue().asText("")));
        return variables;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "vision", "encoder", "decoder"})
    void everyVariableIsASetting(String role) {
        assertEquals(List.of(), Environment.findings(role, environment(service(role))));
    }

    @Test
    void aWrongVariableIsNoticed() {
        Map<String, String> variables = environment(service("gateway"));
        variables.put("TANDEM_GATEWAY_DECODER", "decoder:9000");
        assertEquals(1, Environment.findings("gateway", variables).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "vision", "encoder", "decoder", "cache", "broker"})
    void rolesHaveTheImagesOfTheManifests(String role) {
        String image =
                Cluster.of("base").workload(role).container().path("image").asText();
        assertEquals(image, service(role).path("image").asText());
        if (Roles.isBuilt(role)) {
            assertEquals(role, service(role).at("/build/target").asText());
        }
    }

    @Test
    void rolesLookForEachOtherByTheirNames() {
        SmallRyeConfig config = Environment.read("gateway", environment(service("gateway")));
        assertEquals(
                "amqp://broker:" + Roles.AMQP,
                config.getConfigMapping(BrokerConfig.class).url().orElseThrow());
        GatewayConfig gateway = config.getConfigMapping(GatewayConfig.class);
        assertEquals(List.of("dns:vision:9000"), gateway.vision());
        assertEquals(List.of("dns:encoder:9000"), gateway.encoder());
        assertEquals(List.of("dns:decoder:9000"), gateway.decoders());
        for (String role : List.of("vision", "encoder", "decoder")) {
            CacheConfig cache =
                    Environment.read(role, environment(service(role))).getConfigMapping(CacheConfig.class);
            assertEquals(CacheConfig.Mode.SERVER, cache.mode());
            assertEquals(List.of("cache:" + Roles.HOT_ROD), cache.servers().orElseThrow());
            String users = compose.at("/configs/cache-users/content").asText();
            assertEquals(cache.username().orElseThrow() + "=" + cache.password().orElseThrow(), users);
        }
    }

    /** A container that shares two networks with another sees it at two addresses, and would count it twice. */
    @Test
    void rolesShareOneNetwork() {
        List<JsonNode> ours = Stream.of("gateway", "vision", "encoder", "decoder", "cache", "broker")
                .map(this::service)
                .map(service -> service.path("networks"))
                .toList();
        for (JsonNode networks : ours) {
            assertTrue(Cluster.stream(networks).anyMatch(one -> one.asText().equals("inside")));
        }
        for (JsonNode networks : ours.subList(1, ours.size())) {
            List<JsonNode> common = Cluster.stream(networks)
                    .filter(one -> Cluster.stream(ours.getFirst()).anyMatch(one::equals))
                    .toList();
            assertEquals(1, common.size(), common.toString());
        }
        assertTrue(compose.at("/networks/inside/internal").asBoolean());
    }

    @Test
    void containersMayDoNoMoreThanTheyNeed() {
        compose.path("services").properties().forEach(entry -> {
            JsonNode service = entry.getValue();
            assertTrue(service.path("read_only").asBoolean(), entry.getKey());
            assertEquals("ALL", service.at("/cap_drop/0").asText(), entry.getKey());
            assertEquals("no-new-privileges:true", service.at("/security_opt/0").asText(), entry.getKey());
            for (JsonNode port : service.path("ports")) {
                assertTrue(port.asText().startsWith("127.0.0.1:"), port + " is open to everybody");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "vision", "encoder", "decoder"})
    void nobodyIsKilledWhileItDrains(String role) {
        SmallRyeConfig config = Environment.read(role, environment(service(role)));
        Matcher grace = Pattern.compile("(\\d+)s")
                .matcher(service(role).path("stop_grace_period").asText());
        assertTrue(grace.matches());
        long drain = Environment.drain(role, config).toSeconds();
        assertTrue(Long.parseLong(grace.group(1)) >= drain + CLOSING_SECONDS, grace.group() + " for " + drain + " s");
    }

    /** What is on a volume outlives its containers; it is where the images expect it. */
    @Test
    void whatIsToLastIsOnVolumes() {
        assertEquals(
                "broker:" + BrokerServer.JOURNAL,
                service("broker").at("/volumes/0").asText());
        assertEquals(
                "files:/var/lib/tandem", service("gateway").at("/volumes/0").asText());
        for (String role : List.of("vision", "encoder", "decoder")) {
            CacheConfig cache =
                    Environment.read(role, environment(service(role))).getConfigMapping(CacheConfig.class);
            assertTrue(cache.disk().path().orElseThrow().startsWith("/var/lib/tandem"), role);
            assertEquals(
                    "states:/var/lib/tandem", service(role).at("/volumes/1").asText());
        }
    }

    @Test
    void mountedFilesExist() {
        int mounts = 0;
        for (JsonNode service : compose.path("services")) {
            for (JsonNode volume : service.path("volumes")) {
                String source = volume.asText().split(":")[0];
                if (source.startsWith(".")) {
                    assertTrue(Files.isRegularFile(FOLDER.resolve(source)), source);
                    mounts++;
                } else {
                    assertTrue(compose.path("volumes").has(source), source);
                }
            }
        }
        assertTrue(mounts >= 6, "only " + mounts + " files are mounted");
    }

    @Test
    void prometheusScrapesEveryRoleOfOurs() {
        JsonNode jobs = read("prometheus.yml").path("scrape_configs");
        List<String> scraped = Cluster.stream(jobs)
                .map(job -> job.at("/dns_sd_configs/0/names/0").asText())
                .toList();
        assertEquals(List.of("gateway", "vision", "encoder", "decoder"), scraped);
        for (JsonNode job : jobs) {
            assertEquals(
                    "tandem-" + job.at("/dns_sd_configs/0/names/0").asText(),
                    job.path("job_name").asText());
            assertEquals(Roles.HTTP, job.at("/dns_sd_configs/0/port").asInt());
            assertEquals("/q/metrics", job.path("metrics_path").asText());
        }
    }
}
