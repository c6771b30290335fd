package io.tandem.messaging;

import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;

/** Puts the courier together, with a broker of its own unless another is named; that one starts when the first message comes. */
@Singleton
final class Messaging {

    private final BrokerConfig config;
    private final EmbeddedBroker embedded = new EmbeddedBroker();

    Messaging(BrokerConfig config) {
        this.config = config;
    }

    @Produces
    @Singleton
    Courier courier(Vertx vertx) {
        // Now, so that a setting that can't be used is told at the start.
        Optional<BrokerAddress> external =
                config.url().map(url -> BrokerAddress.of(url, config.user(), config.password()));
        Supplier<BrokerAddress> broker = () -> external.orElseGet(this::embedded);
        return new Courier(vertx, broker, config.reconnect());
    }

    void close(@Disposes Courier courier) {
        courier.close();
        embedded.close();
    }

    private BrokerAddress embedded() {
        embedded.start();
        return embedded.address();
    }
}
