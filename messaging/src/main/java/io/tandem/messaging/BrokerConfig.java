package io.tandem.messaging;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of the broker that carries messages. */
@ConfigMapping(prefix = "tandem.broker")
public interface BrokerConfig {

    /**
     * Where an AMQP 1.0 broker listens, {@code amqp://HOST:PORT} or {@code amqps://HOST:PORT}; unless set, this process has one of its
     * own, which nobody else reaches.
     */
    Optional<String> url();

    /** Name to log in with; anonymous unless set. */
    Optional<String> user();

    /** Password of that name. */
    Optional<String> password();

    /** Time between two attempts to connect. */
    @WithDefault("1S")
    Duration reconnect();
}
