package io.tandem.deploy;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.tandem.engine.runner.Engine;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Runs once every role has been started: waits for the end, and says where the API is and how to try it as soon as it serves. */
public class Announcement implements QuarkusApplication {

    private static final int READY = 200;
    private static final Duration POLL = Duration.ofMillis(50);

    @Inject
    Engine engine;

    @ConfigProperty(name = "quarkus.http.host")
    String host;

    @ConfigProperty(name = "quarkus.http.port")
    int port;

    @ConfigProperty(name = "tandem.log.format", defaultValue = "text")
    String logFormat;

    @Override
    public int run(String... arguments) {
        // A program that reads what this one writes can ask the probes when it is up.
        if (!logFormat.equalsIgnoreCase("json")) {
            // Beside this thread, which has to hear of an end, also of one before anything serves.
            Thread.ofVirtual().name("tandem-announcement").start(() -> announce(arguments[0]));
        }
        Quarkus.waitForExit();
        return 0;
    }

    private void announce(String name) {
        String url = "http://" + (host.equals("0.0.0.0") ? "127.0.0.1" : host) + ":" + port;
        if (!becomesReady(url + "/q/health/ready")) {
            return;
        }
        double seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
        System.out.printf(Locale.ROOT, """
                Tandem serves %s at %s/v1 (%s backend, %d threads; up in %.1f s).
                Open %s/ in a browser, or try:

                curl %s/v1/chat/completions -H 'Content-Type: application/json' \\
                  -d '{"model": "%s", "messages": [{"role": "user", "content": "Who are you?"}]}'

                Ctrl-C stops it.
                """, name, url, engine.backend(), engine.threads(), seconds, url, url, name);
        System.out.flush();
    }

    /** Asks as a load balancer would: what is announced then answers at once. False if the app ends first, whose log says why. */
    private static boolean becomesReady(String url) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() != READY) {
                Thread.sleep(POLL);
            }
            return true;
        } catch (IOException gone) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
