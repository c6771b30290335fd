package io.tandem.deploy.split;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the broker is started, and how the gateway finds it. The address is set once, before the gateway is started. Whoever names a broker
 * in the environment has one elsewhere, and none is started.
 */
final class Broker {

    /** Its messages have a few hundred bytes each, and what is too much goes to its disk. The JDK would warn of how Netty uses it. */
    private static final List<String> FLAGS = List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED");

    /** As the gateway reads it, with user and password beside it. */
    private static final String ELSEWHERE = "TANDEM_BROKER_URL";

    private final Installation installation;
    private final Path journal;
    private volatile Ports ports;

    /** @param journal folder of what it keeps */
    Broker(Installation installation, Path journal) {
        this.installation = installation;
        this.journal = journal;
    }

    /** Where another one is that is to be used instead. */
    Optional<String> elsewhere() {
        return Optional.ofNullable(System.getenv(ELSEWHERE)).filter(url -> !url.isBlank());
    }

    /** It serves there. */
    void serving(Ports where) {
        ports = where;
    }

    List<String> flags() {
        return FLAGS;
    }

    String mainClass() {
        return "io.tandem.messaging.BrokerMain";
    }

    /** Its jar, and those that it needs. */
    String classPath() {
        return installation.libraries(Role.BROKER);
    }

    /** Of one that listens there. */
    List<String> arguments(Ports where) {
        return List.of("127.0.0.1", Integer.toString(where.service()), journal.toString());
    }

    /** Of the gateway, which has the environment too. */
    Map<String, Object> clientSettings() {
        return elsewhere().isPresent() ? Map.of() : Map.of("tandem.broker.url", "amqp://" + ports.address());
    }
}
