package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.tandem.deploy.manifests.ScalingQueries;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Dashboard, alert rules and the documentation's tables ask for nothing that the packaged app doesn't publish. */
@ExtendWith(DemoServer.class)
class MonitoringIT {

    private static final Path DEPLOY = Path.of(System.getProperty("tandem.root"), "deploy");

    /** Prometheus adds these to everything that it scrapes. */
    private static final Set<String> SCRAPED = Set.of("job", "instance");

    private static final Pattern SAMPLE =
            Pattern.compile("(?m)^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(?<labels>[^}]*)})? ");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"(?:[^\"\\\\]|\\\\.)*\"");

    @TestFactory
    Stream<DynamicTest> dashboardsAskForWhatThereIs(TandemProcess tandem) throws IOException {
        Map<String, Set<String>> published = published(tandem);
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : files(DEPLOY.resolve("grafana"), ".json")) {
            for (JsonNode query : new ObjectMapper().readTree(file.toFile()).findValues("expr")) {
                tests.add(dynamicTest(query.asText(), () -> requirePublished(query.asText(), published)));
            }
        }
        assertTrue(tests.size() > 30, "only " + tests.size() + " queries were found");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> alertRulesAskForWhatThereIs(TandemProcess tandem) throws IOException {
        Map<String, Set<String>> published = published(tandem);
        // Made by Prometheus itself.
        published.put("up", Set.of());
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : files(DEPLOY.resolve("prometheus"), ".yml")) {
            for (JsonNode rule :
                    new ObjectMapper(new YAMLFactory()).readTree(file.toFile()).at("/groups/0/rules")) {
                tests.add(dynamicTest(rule.get("alert").asText(), () -> {
                    assertTrue(rule.at("/annotations/summary").isTextual(), "no summary");
                    requirePublished(rule.get("expr").asText(), published);
                }));
            }
        }
        assertTrue(tests.size() > 5, "only " + tests.size() + " rules were found");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> scalingAsksForWhatThereIs(TandemProcess tandem) {
        Map<String, Set<String>> published = published(tandem);
        List<String> queries = ScalingQueries.all();
        assertTrue(queries.size() > 5, "only " + queries.size() + " queries were found");
        return queries.stream().map(query -> dynamicTest(query, () -> requirePublished(query, published)));
    }

    /** The names in the first column of the documentation's tables of figures. */
    @Test
    void theDocumentationNamesWhatThereIs(TandemProcess tandem) throws IOException {
        Map<String, Set<String>> published = published(tandem);
        String text = Files.readString(DEPLOY.resolveSibling("docs/observability.md"));
        Matcher row = Pattern.compile("(?m)^\\| `((?:vllm:|gen_ai_|tandem_)[a-z0-9_:]+)`")
                .matcher(text);
        int rows = 0;
        for (; row.find(); rows++) {
            String name = row.group(1);
            assertTrue(
                    published.containsKey(name) || published.containsKey(name + "_bucket"),
                    name + " is documented, but not published");
        }
        assertTrue(rows > 20, "only " + rows + " names were found");
    }

    @Test
    void promtoolAcceptsTheRules() throws IOException, InterruptedException {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
        if (!present) {
            System.out.println("MonitoringIT: promtool is not on the PATH, so it does not check the rules");
        }
        Assumptions.assumeTrue(present, "promtool is not on the PATH");
        Process promtool = new ProcessBuilder(
                        "promtool",
                        "check",
                        "rules",
                        DEPLOY.resolve("prometheus/tandem.yml").toString())
                .inheritIO()
                .start();
        assertEquals(0, promtool.waitFor());
    }

    @Test
    void noLabelGrowsWithTheRequests(TandemProcess tandem) {
        published(tandem).forEach((name, labels) -> {
            if (!name.startsWith("jvm_")) {
                assertFalse(
                        labels.stream().anyMatch(label -> label.matches(".*(key|tenant|user|request_id|ip).*")),
                        name + labels);
            }
        });
    }

    private static void requirePublished(String expression, Map<String, Set<String>> published) {
        PromQl query = PromQl.parse(expression);
        assertFalse(query.selectors().isEmpty(), "no metric in " + expression);
        Set<String> all = new TreeSet<>(SCRAPED);
        for (PromQl.Selector selector : query.selectors()) {
            Set<String> labels = published.get(selector.metric());
            assertTrue(labels != null, selector.metric() + " is not published");
            all.addAll(labels);
            Set<String> missing = new TreeSet<>(selector.labels());
            missing.removeAll(labels);
            missing.removeAll(SCRAPED);
            assertEquals(Set.of(), missing, "labels that " + selector.metric() + " has not");
        }
        assertTrue(all.containsAll(query.grouping()), expression + " groups by labels beyond " + all);
    }

    /** All metrics with the labels of their samples, after requests of every kind. */
    private static Map<String, Set<String>> published(TandemProcess tandem) {
        Api api = tandem.api();
        Path picture = TandemProcess.evaluation().resolve("images/222.png");
        ObjectNode chat = api.chat(Api.parts(Api.picture(picture), Api.text("What colour is the star?")));
        api.post("/v1/chat/completions", chat);
        api.postRaw("/v1/chat/completions", chat.put("stream", true).toString());
        api.postRaw("/v1/chat/completions", "{}");
        Map<String, Set<String>> published = new HashMap<>();
        Matcher sample = SAMPLE.matcher(api.metrics());
        while (sample.find()) {
            Set<String> labels = published.computeIfAbsent(sample.group("name"), name -> new TreeSet<>());
            if (sample.group("labels") != null) {
                Matcher label = LABEL.matcher(sample.group("labels"));
                while (label.find()) {
                    labels.add(label.group(1));
                }
            }
        }
        return published;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}
