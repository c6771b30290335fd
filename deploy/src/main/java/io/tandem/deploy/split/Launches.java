package io.tandem.deploy.split;

import io.tandem.deploy.tether.Tether;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the processes of every role are started from the packaged apps of this repository. Thread-safe. */
final class Launches {

    private static final String QUARKUS_MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";
    private static final List<String> QUARKUS_FLAGS = List.of(
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");
    /** Ctrl-C reaches every process of a terminal; these are ended in order by the supervisor. */
    private static final List<String> UNTOUCHED_BY_CTRL_C = List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh");
    /** Of the machine's memory, for the heaps of all processes; weights, keys and values lie outside. */
    private static final int HEAP_PERCENT = 75;

    private final SplitOptions options;
    private final Installation installation;
    private final AddressFiles addresses;
    private final CacheNodes cacheNodes;
    private final Broker broker;
    private final HttpClient probes = HttpClient.newHttpClient();

    /**
     * @param installation where the apps are
     * @param addresses where the gateway looks for the others
     * @param cacheNodes where the others look for the cache
     * @param broker what the gateway sends work through
     */
    Launches(
            SplitOptions options,
            Installation installation,
            AddressFiles addresses,
            CacheNodes cacheNodes,
            Broker broker) {
        this.options = options;
        this.installation = installation;
        this.addresses = addresses;
        this.cacheNodes = cacheNodes;
        this.broker = broker;
    }

    /** One that listens there; the gateway's own port is the one that users know. */
    Launch of(Role role, Ports ports) {
        Map<String, Object> settings = new LinkedHashMap<>();
        return switch (role) {
            case CACHE ->
                program(
                        command(heap(), cacheNodes.classPath(), cacheNodes.settings(ports), cacheNodes.mainClass()),
                        ports);
            case BROKER -> {
                List<String> command = command(broker.flags(), broker.classPath(), settings, broker.mainClass());
                command.addAll(broker.arguments(ports));
                yield program(command, ports);
            }
            case VISION, ENCODER, DECODER -> {
                settings.put("quarkus.http.host", "127.0.0.1");
                settings.put("quarkus.http.port", ports.operations());
                settings.put("quarkus.grpc.server.host", "127.0.0.1");
                settings.put("quarkus.grpc.server.port", ports.service());
                addCompute(settings);
                settings.putAll(cacheNodes.clientSettings());
                yield app(role, settings, ports);
            }
            case GATEWAY -> {
                settings.put("quarkus.http.host", options.front().host());
                settings.put("quarkus.http.port", ports.operations());
                settings.put(
                        "tandem.gateway.served-model-names",
                        options.servedName().replace(",", "\\,"));
                settings.put("tandem.gateway.vision", addresses.setting(Role.VISION));
                settings.put("tandem.gateway.encoder", addresses.setting(Role.ENCODER));
                settings.put("tandem.gateway.decoders", addresses.setting(Role.DECODER));
                options.front().files().ifPresent(files -> settings.put("tandem.gateway.files.path", files));
                settings.putAll(broker.clientSettings());
                settings.put("tandem.gateway.health.interval", "200ms");
                // A process of this machine is back sooner than one that an orchestrator has to find a place for.
                settings.put("tandem.gateway.routing.patience", "15S");
                yield app(role, settings, ports);
            }
        };
    }

    private void addCompute(Map<String, Object> settings) {
        settings.put("tandem.engine.model", options.model().toAbsolutePath());
        // A folder has none, whatever the environment says.
        settings.put("tandem.engine.revision", "");
        settings.put("tandem.engine.threads", options.threads());
        settings.put("tandem.engine.backend", options.compute().backend());
        settings.put("tandem.engine.weights", options.compute().weights());
    }

    /** One that has no probes: it is ready when it listens. */
    private static Launch program(List<String> command, Ports ports) {
        return new Launch(command, Probe.port(ports.service()), ports.address());
    }

    private Launch app(Role role, Map<String, Object> settings, Ports ports) {
        String host = role == Role.GATEWAY && !options.front().host().equals("0.0.0.0")
                ? options.front().host()
                : "127.0.0.1";
        return new Launch(
                command(flags(role), installation.app(role).toString(), settings, QUARKUS_MAIN),
                Probe.http(probes, URI.create("http://%s:%d/q/health/ready".formatted(host, ports.operations()))),
                "%s, probes and metrics at port %d".formatted(ports.address(), ports.operations()));
    }

    /** Every flag that such a process needs, which its own jar's manifest can't set when it is not started from it. */
    private List<String> flags(Role role) {
        List<String> flags = new ArrayList<>(QUARKUS_FLAGS);
        if (role.isService()) {
            flags.addAll(installation.engineFlags());
        }
        flags.addAll(heap());
        return flags;
    }

    private List<String> command(List<String> flags, String classPath, Map<String, Object> settings, String mainClass) {
        List<String> command = new ArrayList<>(UNTOUCHED_BY_CTRL_C);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-cp", tether() + ":" + classPath, Tether.class.getName(), mainClass));
        return command;
    }

    /** Vision-service and gateway are one process each. */
    private List<String> heap() {
        SplitOptions.Counts counts = options.counts();
        int processes = 2 + counts.caches() + counts.encoders() + counts.decoders();
        return installation
                .javaOptions()
                .orElseGet(() -> List.of("-XX:MaxRAMPercentage=" + Math.max(1, HEAP_PERCENT / processes)));
    }

    private static Path tether() {
        try {
            return Path.of(Tether.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException("a jar's location is a URI", impossible);
        }
    }
}
