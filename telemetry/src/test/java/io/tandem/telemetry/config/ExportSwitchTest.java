package io.tandem.telemetry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExportSwitchTest {

    private static final int USER = 300;

    @Test
    void nothingIsTracedUnlessThereIsSomewhereToSendItTo() {
        assertEquals("true", config(Map.of()).getRawValue("quarkus.otel.sdk.disabled"));
        assertEquals("true", config(Map.of("tandem.trace.endpoint", " ")).getRawValue("quarkus.otel.sdk.disabled"));
    }

    @Test
    void takesTandemsSettingBeforeTheStandardOne() {
        SmallRyeConfig config = config(Map.of(
                "tandem.trace.endpoint", "http://mine:4317", "otel.exporter.otlp.endpoint", "http://theirs:4317"));
        assertEquals("false", config.getRawValue("quarkus.otel.sdk.disabled"));
        assertEquals("http://mine:4317", config.getRawValue("quarkus.otel.exporter.otlp.endpoint"));
        assertNull(config.getRawValue("quarkus.otel.exporter.otlp.protocol"));
    }

    @Test
    void knowsTheStandardSettings() {
        SmallRyeConfig config = config(Map.of(
                "otel.exporter.otlp.endpoint", "http://theirs:4318",
                "otel.exporter.otlp.protocol", "http/protobuf",
                "otel.exporter.otlp.headers", "a=b"));
        assertEquals("http://theirs:4318", config.getRawValue("quarkus.otel.exporter.otlp.endpoint"));
        assertEquals("http/protobuf", config.getRawValue("quarkus.otel.exporter.otlp.protocol"));
        assertEquals("a=b", config.getRawValue("quarkus.otel.exporter.otlp.headers"));
    }

    private static SmallRyeConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "user", USER))
                .withSources(new ExportSwitch())
                .build();
    }
}
