package io.tandem.deploy.split;

import java.util.LinkedHashMap;
import java.util.Map;

/** How the cache node is started, and how the services find it. The address is set once, before any service is started. */
final class CacheNodes {

    /** As for the all-in-one app, whose cache it bounds. */
    private static final String MAX_SIZE = "TANDEM_CACHE_MAX_SIZE";

    private final Installation installation;
    private volatile Ports ports;

    CacheNodes(Installation installation) {
        this.installation = installation;
    }

    /** A node serves there. */
    void serving(Ports where) {
        ports = where;
    }

    String mainClass() {
        return "io.tandem.cache.server.CacheServer";
    }

    /** Its jar, and those that it needs. */
    String classPath() {
        return installation.target(Role.CACHE) + "/*:" + installation.target(Role.CACHE) + "/lib/*";
    }

    /** Of a node that listens there. */
    Map<String, Object> settings(Ports where) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("java.net.preferIPv4Stack", true);
        settings.put("tandem.cache.server.host", "127.0.0.1");
        settings.put("tandem.cache.server.port", where.service());
        String maxSize = System.getenv(MAX_SIZE);
        if (maxSize != null) {
            settings.put("tandem.cache.server.max-size", maxSize);
        }
        return settings;
    }

    /** Of every service that uses the cache. */
    Map<String, Object> clientSettings() {
        return Map.of("tandem.cache.mode", "server", "tandem.cache.servers", ports.address());
    }
}
