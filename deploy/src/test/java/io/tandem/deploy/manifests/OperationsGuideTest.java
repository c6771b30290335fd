package io.tandem.deploy.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.engine.ops.KvShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/operations.md names settings, alerts, secrets and files that there are, and does its sums as the code does. */
class OperationsGuideTest {

    private static final Path DOCS = Cluster.ROOT.resolve("docs");

    private final String guide = Kustomization.read(DOCS.resolve("operations.md"));

    private Set<String> named(String pattern) {
        return Pattern.compile(pattern)
                .matcher(guide)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void settingsExist() {
        Set<String> settings = Environment.settings();
        Set<String> named = named("`(tandem\\.[a-z.-]+)[`=]");
        assertTrue(named.size() > 25, "only " + named.size() + " settings are named");
        for (String name : named) {
            assertTrue(
                    settings.stream().anyMatch(one -> one.equals(name) || one.startsWith(name + ".")),
                    name + " is no setting");
        }
    }

    @Test
    void everyAlertHasAnAnswer() throws IOException {
        Set<String> alerts = new TreeSet<>();
        JsonNode rules = Kustomization.YAML.readTree(
                Cluster.ROOT.resolve("deploy/prometheus/tandem.yml").toFile());
        rules.at("/groups/0/rules")
                .forEach(rule -> alerts.add(rule.path("alert").asText()));
        assertEquals(alerts, named("`(Tandem[A-Za-z]+)`"));
    }

    @Test
    void secretsAreMade() {
        Set<String> made = named("create secret generic (\\S+)");
        assertEquals(new TreeSet<>(References.SECRETS.keySet()), made);
        for (Set<String> keys : References.SECRETS.values()) {
            keys.forEach(key -> assertTrue(guide.matches("(?s).*--from-(literal|file)=" + key + "\\b.*"), key));
        }
    }

    @Test
    void linkedFilesExist() {
        Set<String> links = named("]\\(([^)#]+)\\)");
        assertTrue(links.size() > 5);
        links.forEach(link -> assertTrue(Files.exists(DOCS.resolve(link)), link));
    }

    @Test
    void sizesAreThoseOfTheFormulae() {
        List<KvShape> shapes = List.of(new KvShape(18, 1, 256), new KvShape(26, 1, 256), new KvShape(34, 4, 256));
        List<Integer> hidden = List.of(640, 1152, 2560);
        LongFunction<String> kilobytes = bytes -> String.format(Locale.ROOT, "%.1f KB", bytes / 1e3);
        LongFunction<String> document = bytes -> String.format(Locale.ROOT, "%,.0f MB", 8192 * bytes / 1e6);
        List<Long> state =
                hidden.stream().map(size -> (long) size * Float.BYTES).toList();
        List<Long> pair = shapes.stream().map(KvShape::bytesPerToken).toList();
        assertEquals(state.stream().map(kilobytes::apply).toList(), row("encoder state, in the cache"));
        assertEquals(pair.stream().map(kilobytes::apply).toList(), row("keys and values, in a decoder"));
        assertEquals(state.stream().map(document::apply).toList(), row("an 8,192-token document in the cache"));
        assertEquals(pair.stream().map(document::apply).toList(), row("the same in a decoder"));
    }

    private List<String> row(String name) {
        Matcher row = Pattern.compile(Pattern.quote("| " + name + " |") + " (.*?) \\| (.*?) \\| (.*?) \\|")
                .matcher(guide);
        assertTrue(row.find(), name);
        return List.of(row.group(1), row.group(2), row.group(3));
    }
}
