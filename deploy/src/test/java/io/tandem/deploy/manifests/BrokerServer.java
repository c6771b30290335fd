package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.messaging.BrokerAddress;
import io.tandem.messaging.BrokerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gateways share one broker, which has one journal, and one set of files. */
final class BrokerServer implements Check {

    /** Where its image keeps the journal; see {@link ContainerfileTest}. */
    static final String JOURNAL = "/var/lib/tandem";

    @Override
    public List<String> findings(Cluster cluster) {
        List<String> findings = new ArrayList<>();
        Workload broker = cluster.workload(Roles.BROKER);
        if (!broker.node().at("/spec/strategy/type").asText().equals("Recreate")
                || broker.node().at("/spec/replicas").asInt() != 1) {
            findings.add(broker.name() + " may have two pods, which can't have one journal");
        }
        if (claim(cluster, broker, JOURNAL).isEmpty()) {
            findings.add(broker.name() + " has its journal on no volume of its own");
        }
        Workload gateway = cluster.workload(Roles.GATEWAY);
        address(cluster, gateway, findings);
        boolean shared = claim(cluster, gateway, "/var/lib/tandem")
                .filter(claim -> claim.at("/spec/accessModes/0").asText().equals("ReadWriteMany"))
                .isPresent();
        if (gateway.node().at("/spec/replicas").asInt() > 1 && !shared) {
            findings.add(gateway.name() + " has several pods, which can't share their files");
        }
        return findings;
    }

    private static void address(Cluster cluster, Workload gateway, List<String> findings) {
        BrokerConfig config =
                Environment.read(Roles.GATEWAY, cluster.environment(gateway)).getConfigMapping(BrokerConfig.class);
        if (config.url().isEmpty()) {
            findings.add(gateway.name() + " has a broker of its own in each pod");
            return;
        }
        BrokerAddress address = BrokerAddress.of(config.url().get(), config.user(), config.password());
        boolean served = cluster.find("Service", address.host()).stream()
                .flatMap(service -> Cluster.stream(service.at("/spec/ports")))
                .anyMatch(port -> port.path("port").asInt() == address.port());
        if (!served) {
            findings.add(gateway.name() + " looks for a broker at "
                    + config.url().get() + ", which is no port of a service");
        }
    }

    /** The claim of the volume that is mounted there. */
    private static Optional<JsonNode> claim(Cluster cluster, Workload workload, String path) {
        return Cluster.stream(workload.container().path("volumeMounts"))
                .filter(mount -> mount.path("mountPath").asText().equals(path))
                .flatMap(mount -> Cluster.stream(workload.pod().path("volumes"))
                        .filter(volume -> volume.path("name").equals(mount.path("name"))))
                .map(volume -> volume.at("/persistentVolumeClaim/claimName").asText())
                .flatMap(name -> cluster.find("PersistentVolumeClaim", name).stream())
                .map(JsonNode.class::cast)
                .findFirst();
    }
}
