package io.tandem.telemetry.log;

import io.quarkus.runtime.StartupEvent;
import io.tandem.telemetry.config.LogConfig;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.handlers.ConsoleHandler;

/** Gives the console the format of log lines that the settings ask for, before any role writes one. */
@Singleton
final class LogOutput {

    private static final int FIRST = 1;

    void open(@Observes @Priority(FIRST) StartupEvent event, LogConfig config) {
        switch (config.format()) {
            case TEXT -> {}
            case JSON -> format(LogContext.getLogContext().getLogger("").getHandlers(), new JsonLogFormatter());
        }
    }

    private static void format(Handler[] handlers, Formatter formatter) {
        for (Handler handler : handlers) {
            if (handler instanceof ConsoleHandler console) {
                console.setFormatter(formatter);
            } else if (handler instanceof ExtHandler nested) {
                format(nested.getHandlers(), formatter);
            }
        }
    }
}
