package io.tandem.telemetry.config;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Turns tracing on when there is somewhere to send spans to, and off otherwise: Quarkus itself would always send them, to a port
 * where nobody may listen.
 */
public final class ExportSwitch implements ConfigSourceFactory {

    private static final String QUARKUS_EXPORTER = "quarkus.otel.exporter.otlp.";

    /** Above the defaults in jars, below everything that users set: who sets Quarkus's own properties knows better. */
    private static final int ORDINAL = 200;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        return List.of(new PropertiesConfigSource(settings(context), "where spans go", ORDINAL));
    }

    @Override
    public OptionalInt getPriority() {
        return OptionalInt.of(ORDINAL);
    }

    private static Map<String, String> settings(ConfigSourceContext context) {
        Map<String, String> settings = new HashMap<>();
        Optional<String> endpoint = first(context, "tandem.trace.endpoint", "otel.exporter.otlp.endpoint");
        settings.put("quarkus.otel.sdk.disabled", Boolean.toString(endpoint.isEmpty()));
        endpoint.ifPresent(value -> settings.put(QUARKUS_EXPORTER + "endpoint", value));
        first(context, "tandem.trace.protocol", "otel.exporter.otlp.protocol")
                .ifPresent(value -> settings.put(QUARKUS_EXPORTER + "protocol", value));
        first(context, "otel.exporter.otlp.headers")
                .ifPresent(value -> settings.put(QUARKUS_EXPORTER + "headers", value));
        return settings;
    }

    private static Optional<String> first(ConfigSourceContext context, String... names) {
        return Stream.of(names)
                .map(context::getValue)
                .filter(value -> value != null
                        && value.getValue() != null
                        && !value.getValue().isBlank())
                .map(ConfigValue::getValue)
                .findFirst();
    }
}
