package io.tandem.deploy.browser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * A connection in the DevTools protocol: commands and their answers, and events. Used by a test's thread; events come on one of
 * the HTTP client's.
 */
final class DevTools implements AutoCloseable, WebSocket.Listener {

    static final ObjectMapper JSON = new ObjectMapper();

    private static final int PATIENCE_SECONDS = 60;

    private final BiConsumer<String, JsonNode> events;
    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final StringBuilder message = new StringBuilder();
    private final WebSocket socket;

    /** @param events hears the name and the parameters of every event */
    DevTools(HttpClient client, URI address, BiConsumer<String, JsonNode> events) {
        this.events = events;
        this.socket = client.newWebSocketBuilder().buildAsync(address, this).join();
    }

    /**
     * Sends a command and waits for its result.
     *
     * @throws AssertionError if the browser refuses it
     */
    JsonNode call(String method, ObjectNode parameters) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        pending.put(id, answer);
        ObjectNode command = JSON.createObjectNode().put("id", id).put("method", method);
        command.set("params", parameters);
        try {
            socket.sendText(command.toString(), true).join();
            JsonNode response = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (response.has("error")) {
                throw new AssertionError(method + " " + parameters + ": " + response.get("error"));
            }
            return response.get("result");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(method + " was interrupted", stopped);
        } catch (ExecutionException | TimeoutException failure) {
            throw new AssertionError(method + " " + parameters + " was not answered", failure);
        } finally {
            pending.remove(id);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        message.append(part);
        if (last) {
            JsonNode whole = parse(message.toString());
            message.setLength(0);
            if (whole.has("id")) {
                pending.get(whole.get("id").asInt()).complete(whole);
            } else {
                events.accept(whole.get("method").asText(), whole.get("params"));
            }
        }
        from.request(1);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        pending.values().forEach(answer -> answer.completeExceptionally(failure));
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException malformed) {
            throw new AssertionError("the browser sent " + json, malformed);
        }
    }

    @Override
    public void close() {
        socket.abort();
    }
}
