package io.tandem.deploy.split;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** How a process says that it is ready. */
@FunctionalInterface
interface Probe {

    /** Whether it does, now. */
    boolean answers() throws InterruptedException;

    /** By status 200 at an address. */
    static Probe http(HttpClient client, URI address) {
        HttpRequest question =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(2)).build();
        return () -> {
            try {
                int status = client.send(question, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                return status == 200;
            } catch (IOException notYet) {
                return false;
            }
        };
    }

    /** By listening at a port of this machine. */
    static Probe port(int port) {
        return () -> {
            try (Socket connected = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return connected.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        };
    }
}
