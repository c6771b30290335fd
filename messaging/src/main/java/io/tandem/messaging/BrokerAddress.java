package io.tandem.messaging;

import java.net.URI;
import java.util.Optional;

/**
 * Where a broker listens. Immutable.
 *
 * @param tls whether the connection is encrypted
 * @param user name to log in with; empty for nobody
 */
public record BrokerAddress(String host, int port, boolean tls, Optional<String> user, Optional<String> password) {

    private static final int AMQP = 5672;
    private static final int AMQPS = 5671;

    /**
     * Reads the settings of a broker.
     *
     * @throws IllegalArgumentException naming the setting that can't be used
     */
    public static BrokerAddress of(String url, Optional<String> user, Optional<String> password) {
        URI uri = URI.create(url);
        boolean tls = "amqps".equals(uri.getScheme());
        if (uri.getHost() == null || !tls && !"amqp".equals(uri.getScheme())) {
            throw new IllegalArgumentException(
                    "tandem.broker.url is %s, must be amqp://HOST:PORT or amqps://HOST:PORT".formatted(url));
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? AMQPS : AMQP;
        return new BrokerAddress(uri.getHost(), port, tls, user, password);
    }
}
