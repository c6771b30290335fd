package io.tandem.deploy.manifests;

import io.smallrye.config.ConfigMapping;
import io.tandem.cache.CacheConfig;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.encoder.config.EncoderConfig;
import io.tandem.gateway.config.BatchesConfig;
import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.messaging.BrokerConfig;
import io.tandem.runtime.EngineConfig;
import io.tandem.telemetry.config.LogConfig;
import io.tandem.telemetry.config.TraceConfig;
import io.tandem.vision.config.VisionServiceConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the apps of this repository are told by their environment, and where they listen. */
final class Roles {

    static final String GATEWAY = "gateway";
    static final String VISION = "vision";
    static final String ENCODER = "encoder";
    static final String DECODER = "decoder";
    /** Ours, too, and told everything by its arguments. */
    static final String BROKER = "broker";
    /** Infinispan's own server, which knows nothing of our settings. */
    static final String CACHE = "cache";

    /** Defaults of quarkus.http.port and quarkus.grpc.server.port. */
    static final int HTTP = 8080;

    static final int GRPC = 9000;
    static final int HOT_ROD = 11222;
    static final int AMQP = 5672;

    /** Settings that a role of ours has. */
    private static final Map<String, List<Class<?>>> SETTINGS = Map.of(
            GATEWAY,
                    List.of(
                            GatewayConfig.class,
                            FilesConfig.class,
                            BatchesConfig.class,
                            BrokerConfig.class,
                            LogConfig.class,
                            TraceConfig.class),
            VISION, withEngine(VisionServiceConfig.class),
            ENCODER, withEngine(EncoderConfig.class),
            DECODER, withEngine(DecoderConfig.class));

    /** Variables that others read: the hub's client, DJL and the JVM's launcher. */
    static final Set<String> FOREIGN = Set.of("HF_HOME", "HF_TOKEN", "ENGINE_CACHE_DIR", "JDK_JAVA_OPTIONS");

    private Roles() {}

    private static List<Class<?>> withEngine(Class<?> own) {
        return List.of(own, EngineConfig.class, CacheConfig.class, LogConfig.class, TraceConfig.class);
    }

    /** Every role whose app is one of this repository. */
    static Set<String> ours() {
        return SETTINGS.keySet();
    }

    /** Whether its image is one of this repository. */
    static boolean isBuilt(String role) {
        return isOurs(role) || role.equals(BROKER);
    }

    /** Whether the app is one of this repository. */
    static boolean isOurs(String role) {
        return SETTINGS.containsKey(role);
    }

    /** Whether it computes, and is called over gRPC. */
    static boolean isService(String role) {
        return isOurs(role) && !role.equals(GATEWAY);
    }

    /** Settings of a role by their prefix. */
    static Map<String, Class<?>> mappings(String role) {
        Map<String, Class<?>> mappings = new LinkedHashMap<>();
        SETTINGS.get(role)
                .forEach(type ->
                        mappings.put(type.getAnnotation(ConfigMapping.class).prefix(), type));
        return mappings;
    }
}
