package io.tandem.deploy;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.tandem.engine.runner.Engine;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Runs once every role is up: says where the API is and how to try it, then waits for the end. */
public class Announcement implements QuarkusApplication {

    @Inject
    Engine engine;

    @ConfigProperty(name = "quarkus.http.host")
    String host;

    @ConfigProperty(name = "quarkus.http.port")
    int port;

    @Override
    public int run(String... arguments) {
        String name = arguments[0];
        String url = "http://" + (host.equals("0.0.0.0") ? "localhost" : host) + ":" + port;
        double seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
        System.out.printf(
                Locale.ROOT,
                """
                Tandem serves %s at %s/v1 (%s backend, %d threads; up in %.1f s). Try:

                curl %s/v1/chat/completions -H 'Content-Type: application/json' \\
                  -d '{"model": "%s", "messages": [{"role": "user", "content": "Who are you?"}]}'

                Ctrl-C stops it.
                """,
                name,
                url,
                engine.backend(),
                engine.threads(),
                seconds,
                url,
                name);
        System.out.flush();
        Quarkus.waitForExit();
        return 0;
    }
}
