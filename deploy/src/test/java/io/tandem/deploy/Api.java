package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A plain HTTP client of the public API, for what the ready-made clients hide. Safe for any number of threads. */
final class Api {

    static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;

    /** @param url where the app listens, without a path */
    Api(String url) {
        this.url = url;
    }

    /** Where the playground is. */
    String page() {
        return url + "/";
    }

    String baseUrl() {
        return url + "/v1";
    }

    boolean isReady() {
        return isUp("/q/health/ready");
    }

    boolean isLive() {
        return isUp("/q/health/live");
    }

    private boolean isUp(String probe) {
        try {
            return client.send(get(probe), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The id that the first served model has. */
    String model() {
        return json(send(get("/v1/models"))).at("/data/0/id").asText();
    }

    /** Posts a body and expects 200. */
    JsonNode post(String path, JsonNode body) {
        HttpResponse<String> response = postRaw(path, body.toString());
        assertEquals(200, response.statusCode(), response.body());
        return json(response);
    }

    HttpResponse<String> postRaw(String path, String body, String... headers) {
        return send(request(path, body, headers));
    }

    /** Posts a body and leaves the response open; closing the stream ends the connection. */
    InputStream stream(String path, JsonNode body, String... headers) {
        try {
            HttpResponse<InputStream> response =
                    client.send(request(path, body.toString(), headers), HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(200, response.statusCode());
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The sum of a metric over all its labels; a metric that isn't there is 0. */
    double metric(String name) {
        return sum("(?m)^" + Pattern.quote(name) + "(?:\\{[^}]*\\})? (\\S+)$");
    }

    /** The sum of a metric over those of its labels that hold a text, such as {@code code="5}. */
    double metric(String name, String label) {
        return sum("(?m)^" + Pattern.quote(name) + "\\{[^}]*" + Pattern.quote(label) + "[^}]*\\} (\\S+)$");
    }

    private double sum(String lines) {
        Matcher line = Pattern.compile(lines).matcher(metrics());
        double sum = 0;
        while (line.find()) {
            sum += Double.parseDouble(line.group(1));
        }
        return sum;
    }

    String metrics() {
        return send(get("/q/metrics")).body();
    }

    /** A chat of one user message. */
    ObjectNode chat(JsonNode content) {
        ObjectNode body = JSON.createObjectNode();
        body.put("model", model()).put("temperature", 0);
        ObjectNode message = body.putArray("messages").addObject().put("role", "user");
        message.set("content", content);
        return body;
    }

    /** A picture as a content part. */
    static ObjectNode picture(Path file) {
        ObjectNode part = JSON.createObjectNode().put("type", "image_url");
        part.putObject("image_url").put("url", dataUri(file));
        return part;
    }

    static ArrayNode parts(ObjectNode... parts) {
        ArrayNode content = JSON.createArrayNode();
        for (ObjectNode part : parts) {
            content.add(part);
        }
        return content;
    }

    static ObjectNode text(String text) {
        return JSON.createObjectNode().put("type", "text").put("text", text);
    }

    static String dataUri(Path file) {
        try {
            return "data:image/png;base64," + Base64.getEncoder().encodeToString(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gets what is at a path and expects 200. */
    JsonNode json(String path) {
        HttpResponse<String> response = send(get(path));
        assertEquals(200, response.statusCode(), response.body());
        return json(response);
    }

    private HttpRequest get(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).build();
    }

    /** @param headers names and values in turn */
    private HttpRequest request(String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        return parse(response.body());
    }

    /** A body as JSON. */
    static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a checkpoint says of itself. */
    static JsonNode config(Path model) {
        try {
            return JSON.readTree(model.resolve("config.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
