package io.tandem.deploy;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.tandem.engine.runner.Engine;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Runs once every role is up: says where the API is and how to try it, then waits for the end. */
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
        String name = arguments[0];
        if (logFormat.equalsIgnoreCase("json")) {
            // A program reads what this one writes: it can ask the probes when it is up.
            Quarkus.waitForExit();
            return 0;
        }
        String url = "http://" + (host.equals("0.0.0.0") ? "127.0.0.1" : host) + ":" + port;
        awaitReady(url + "/q/health/ready");
        double seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
        System.out.printf(Locale.ROOT, """
                Tandem serves %s at %s/v1 (%s backend, %d threads; up in %.1f s).
                Open %s/ in a browser, or try:

                curl %s/v1/chat/completions -H 'Content-Type: application/json' \\
                  -d '{"model": "%s", "messages": [{"role": "user", "content": "Who are you?"}]}'

                Ctrl-C stops it.
                """, name, url, engine.backend(), engine.threads(), seconds, url, url, name);
        System.out.flush();
        Quarkus.waitForExit();
        return 0;
    }

    /** Asks as a load balancer would: what is announced then answers at once. */
    private static void awaitReady(String url) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() != READY) {
                Thread.sleep(POLL);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the API does not answer at " + url, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
