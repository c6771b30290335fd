package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.smallrye.config.SmallRyeConfig;
import io.tandem.cache.CacheConfig;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.config.GatewayConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Settings of the roles fit what stands around them: ports, addresses, mounted files, drain times and memory. */
final class Settings implements Check {

    private static final Pattern DISCOVERED = Pattern.compile("dns:([a-z-]+):(\\d+)");
    private static final Pattern ADDRESS = Pattern.compile("([a-z-]+):(\\d+)");
    /** What a role needs after its drain to close everything. */
    private static final int CLOSING_SECONDS = 10;
    /** Heap of a role that computes; JDK_JAVA_OPTIONS in the container file. */
    static final double HEAP = 0.4;

    static final double GATEWAY_HEAP = 0.5;
    /** What a process takes that reads a document, as a multiple of its heap. */
    private static final double READER = 1.5;

    @Override
    public List<String> findings(Cluster cluster) {
        List<String> findings = new ArrayList<>();
        for (Workload workload : cluster.workloads()) {
            String role = workload.role();
            if (!Roles.isOurs(role)) {
                continue;
            }
            List<String> wrong = Environment.findings(role, cluster.environment(workload));
            findings.addAll(wrong);
            if (wrong.isEmpty()) {
                SmallRyeConfig config = Environment.read(role, cluster.environment(workload));
                ports(workload, findings);
                drain(workload, config, findings);
                if (role.equals(Roles.GATEWAY)) {
                    gateway(cluster, workload, config.getConfigMapping(GatewayConfig.class), findings);
                    files(workload, config.getConfigMapping(FilesConfig.class), findings);
                } else {
                    cache(cluster, workload, config.getConfigMapping(CacheConfig.class), findings);
                }
                if (role.equals(Roles.DECODER)) {
                    memory(workload, config.getConfigMapping(DecoderConfig.class), findings);
                }
            }
        }
        return findings;
    }

    private static void ports(Workload workload, List<String> findings) {
        List<Integer> expected =
                Roles.isService(workload.role()) ? List.of(Roles.GRPC, Roles.HTTP) : List.of(Roles.HTTP);
        List<Integer> actual = Cluster.stream(workload.container().path("ports"))
                .map(port -> port.path("containerPort").asInt())
                .sorted(Comparator.reverseOrder())
                .toList();
        if (!actual.equals(expected)) {
            findings.add(workload.name() + " has the ports " + actual + "; its app listens on " + expected);
        }
    }

    private static void drain(Workload workload, SmallRyeConfig config, List<String> findings) {
        long preStop =
                workload.container().at("/lifecycle/preStop/sleep/seconds").asLong();
        long drain = Environment.drain(workload.role(), config).toSeconds();
        long grace = workload.pod().path("terminationGracePeriodSeconds").asLong();
        if (grace < preStop + drain + CLOSING_SECONDS) {
            findings.add("%s is killed after %d s, while preStop takes %d s, its drain %d s and closing %d s"
                    .formatted(workload.name(), grace, preStop, drain, CLOSING_SECONDS));
        }
    }

    private static void gateway(Cluster cluster, Workload workload, GatewayConfig config, List<String> findings) {
        Stream.of(config.vision(), config.encoder(), config.decoders())
                .flatMap(List::stream)
                .forEach(entry -> {
                    Matcher address = DISCOVERED.matcher(entry);
                    if (!address.matches()) {
                        findings.add(workload.name() + " looks for services at " + entry + ", not by DNS");
                    } else if (!isHeadless(cluster, address.group(1))) {
                        findings.add(entry + " is no headless service");
                    } else if (target(cluster, address.group(1), address.group(2))
                            .isEmpty()) {
                        findings.add(entry + " is no port of that service");
                    }
                });
        Path keys = config.keys().file().orElseThrow();
        boolean mounted = Cluster.stream(workload.container().path("volumeMounts"))
                .anyMatch(mount -> mount.path("name").asText().equals("keys")
                        && keys.getParent()
                                .equals(Path.of(mount.path("mountPath").asText())));
        if (!mounted
                || !References.SECRETS
                        .get("tandem-keys")
                        .contains(keys.getFileName().toString())) {
            findings.add(keys + " is no file of the secret tandem-keys");
        }
    }

    /** Uploads outlive a pod, and what reads them, in processes of its own, fits beside the heap. */
    private static void files(Workload workload, FilesConfig config, List<String> findings) {
        boolean mounted = Cluster.stream(workload.container().path("volumeMounts"))
                .anyMatch(mount -> mount.path("name").asText().equals("files")
                        && config.path()
                                .startsWith(Path.of(mount.path("mountPath").asText())));
        if (!mounted) {
            findings.add(config.path() + " is not on the volume for files");
        }
        double limit = bytes(workload.container().at("/resources/limits/memory").asText());
        double readers = config.extraction().parallel()
                * (double) config.extraction().memory().asLongValue()
                * READER;
        if ((1 - GATEWAY_HEAP) * limit < readers) {
            findings.add("%s has %.1f GB outside of the heap, reading documents takes %.1f GB"
                    .formatted(workload.name(), (1 - GATEWAY_HEAP) * limit / 1e9, readers / 1e9));
        }
    }

    private static boolean isHeadless(Cluster cluster, String name) {
        return cluster.find("Service", name)
                .filter(service -> service.at("/spec/clusterIP").asText().equals("None"))
                .isPresent();
    }

    /** The port of a service, which is that of its pods where it is headless. */
    private static OptionalInt target(Cluster cluster, String service, String port) {
        return cluster.find("Service", service).stream()
                .flatMap(one -> Cluster.stream(one.at("/spec/ports")))
                .mapToInt(one -> one.path("port").asInt())
                .filter(number -> number == Integer.parseInt(port))
                .findFirst();
    }

    private static void cache(Cluster cluster, Workload workload, CacheConfig config, List<String> findings) {
        switch (config.mode()) {
            case LOCAL -> findings.add(workload.name() + " keeps states to itself: " + config.mode());
            case SERVER -> states(cluster, workload, config.servers().orElse(List.of()), findings);
            case CLUSTER -> cluster(cluster, workload, config.cluster(), findings);
        }
    }

    private static void states(Cluster cluster, Workload workload, List<String> servers, List<String> findings) {
        for (String server : servers) {
            Matcher address = ADDRESS.matcher(server);
            if (!address.matches()
                    || target(cluster, address.group(1), address.group(2)).isEmpty()) {
                findings.add(workload.name() + " looks for states at " + server + ", which is no port of a service");
            }
        }
    }

    /** Pods that are a cluster themselves find each other by a name that has the addresses of all of them. */
    private static void cluster(Cluster cluster, Workload workload, CacheConfig.Cluster config, List<String> findings) {
        if (config.bindAddress().startsWith("127.")) {
            findings.add(workload.name() + " is in a cluster that nobody else reaches: " + config.bindAddress());
        }
        String name = config.dns().orElse("nothing");
        if (!isHeadless(cluster, name)) {
            findings.add(workload.name() + " looks for its cluster at " + name + ", which is no headless service");
        }
        if (workload.port(IntNode.valueOf(config.port())).isEmpty()) {
            findings.add(workload.name() + " has no port " + config.port() + " for its cluster");
        }
    }

    private static void memory(Workload workload, DecoderConfig config, List<String> findings) {
        JsonNode limit = workload.container().at("/resources/limits/memory");
        double outside = (1 - HEAP) * bytes(limit.asText());
        long asked = config.encoderMemory().bytes() + config.pageMemory().bytes();
        // As much again for weights: those of the 270M decoder are half a gigabyte, with the head's screen.
        if (outside < asked + 0.5 * (1 << 30)) {
            findings.add("%s has %s, of which %.1f GB lie outside of the heap; keys and values alone take %.1f GB"
                    .formatted(workload.name(), limit, outside / 1e9, asked / 1e9));
        }
    }

    /** Bytes of a quantity such as {@code 6Gi}. */
    private static double bytes(String quantity) {
        return Quantity.getAmountInBytes(Quantity.parse(quantity)).doubleValue();
    }
}
