package io.tandem.telemetry.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** Settings of traces. */
@ConfigMapping(prefix = "tandem.trace")
public interface TraceConfig {

    /**
     * Where spans are sent by OTLP, such as {@code http://localhost:4317}; also OTEL_EXPORTER_OTLP_ENDPOINT in the environment.
     * Nothing is traced unless it is set.
     */
    Optional<String> endpoint();

    /** How they are sent, {@code grpc} or {@code http/protobuf}; also OTEL_EXPORTER_OTLP_PROTOCOL. */
    Optional<String> protocol();

    /** Whether spans hold the texts of prompts and answers. */
    @WithDefault("false")
    boolean content();
}
