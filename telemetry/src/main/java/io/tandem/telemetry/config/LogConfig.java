package io.tandem.telemetry.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of logs. */
@ConfigMapping(prefix = "tandem.log")
public interface LogConfig {

    /** How log lines look on the console. */
    @WithDefault("text")
    Format format();

    /** Whether every request gets a line when it is over, in the category {@code io.tandem.access}. */
    @WithDefault("false")
    boolean access();

    /** How a log line looks. */
    enum Format {
        /** As {@code quarkus.log.console.format} says. */
        TEXT,
        /** A JSON object a line. */
        JSON
    }
}
