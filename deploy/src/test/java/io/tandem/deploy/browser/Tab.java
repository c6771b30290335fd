package io.tandem.deploy.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** One tab, as a person uses it: looks, clicks, types, drops files. Owned by one test and used by its thread. */
public final class Tab implements AutoCloseable {

    /** Generous: a machine that runs other tests beside this one may be slow. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
    private final Map<String, String> preferences = new LinkedHashMap<>();
    private final DevTools tools;

    Tab(HttpClient client, URI address) {
        this.tools = new DevTools(client, address, this::hear);
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", parameters());
        }
        resize(1280, 800);
    }

    /** A key that does something instead of writing. */
    public enum Key {
        ENTER("Enter", 13, "\r"),
        TAB("Tab", 9, ""),
        ESCAPE("Escape", 27, ""),
        END("End", 35, "");

        private final String name;
        private final int code;
        private final String text;

        Key(String name, int code, String text) {
            this.name = name;
            this.code = code;
            this.text = text;
        }
    }

    /** Goes to an address. */
    public void go(String url) {
        call("Page.navigate", parameters().put("url", url));
        await("document.readyState === 'complete' && location.href === '" + url + "'");
    }

    /**
     * The value of an expression in the page; of its outcome, if that is still to come.
     *
     * @throws AssertionError if it throws
     */
    public JsonNode evaluate(String expression) {
        JsonNode result = call(
                "Runtime.evaluate",
                parameters()
                        .put("expression", expression)
                        .put("awaitPromise", true)
                        .put("returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
        }
        return result.at("/result/value");
    }

    /** What is written in the last element that a selector matches; fails if there is none. */
    public String text(String selector) {
        return evaluate("[...document.querySelectorAll('" + selector + "')].at(-1).textContent")
                .asText();
    }

    public int count(String selector) {
        return evaluate("document.querySelectorAll('" + selector + "').length").asInt();
    }

    /** Waits until an expression is true. */
    public void await(String expression) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        // A page that is being left has nothing to ask.
        while (!evaluate("Boolean(document.body) && Boolean(" + expression + ")")
                .asBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE + ": " + expression + "; the page says "
                        + evaluate("document.body.innerText") + " and complains " + complaints);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Clicks into the middle of the last element that a selector matches; fails if it cannot be seen. */
    public void click(String selector) {
        JsonNode middle = evaluate("""
                (() => {
                  const element = [...document.querySelectorAll('%s')].at(-1);
                  if (!element.checkVisibility()) {
                    throw new Error('is not visible');
                  }
                  element.scrollIntoView({block: 'nearest'});
                  const box = element.getBoundingClientRect();
                  return {x: box.x + box.width / 2, y: box.y + box.height / 2};
                })()""".formatted(selector));
        for (String type : List.of("mousePressed", "mouseReleased")) {
            ObjectNode event =
                    parameters().put("type", type).put("button", "left").put("clickCount", 1);
            event.set("x", middle.get("x"));
            event.set("y", middle.get("y"));
            call("Input.dispatchMouseEvent", event);
        }
    }

    /** Writes where the focus is. */
    public void type(String text) {
        call("Input.insertText", parameters().put("text", text));
    }

    public void press(Key key) {
        for (String type : List.of(key.text.isEmpty() ? "rawKeyDown" : "keyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    parameters()
                            .put("type", type)
                            .put("key", key.name)
                            .put("code", key.name)
                            .put("windowsVirtualKeyCode", key.code)
                            .put("text", type.equals("keyUp") ? "" : key.text));
        }
    }

    /** Chooses files in a file input, as its dialog does. */
    public void choose(String selector, Path... files) {
        JsonNode input =
                call("Runtime.evaluate", parameters().put("expression", "document.querySelector('" + selector + "')"));
        ObjectNode choice = parameters();
        choice.set("objectId", input.at("/result/objectId"));
        choice.set("files", names(files));
        call("DOM.setFileInputFiles", choice);
    }

    /** Drags files over the middle of the page and lets them fall. */
    public void drop(Path... files) {
        ObjectNode data = parameters().put("dragOperationsMask", 1);
        data.putArray("items");
        data.set("files", names(files));
        for (String type : List.of("dragEnter", "dragOver", "drop")) {
            ObjectNode event = parameters().put("type", type).put("x", 300).put("y", 300);
            event.set("data", data);
            call("Input.dispatchDragEvent", event);
        }
    }

    /** Gives the page a size in CSS pixels. */
    public void resize(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                parameters()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", width < 600));
    }

    /** Lets the system ask for something, until it asks otherwise: a media feature and its value. */
    public void prefer(String feature, String value) {
        preferences.put(feature, value);
        ObjectNode media = parameters();
        ArrayNode features = media.putArray("features");
        preferences.forEach(
                (name, wanted) -> features.addObject().put("name", name).put("value", wanted));
        call("Emulation.setEmulatedMedia", media);
    }

    public void screenshot(Path file) {
        String png = call("Page.captureScreenshot", parameters().put("format", "png"))
                .get("data")
                .asText();
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, Base64.getDecoder().decode(png));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Exceptions, errors of the console and violations of the security policy so far; answers of 400 and above are none. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** The addresses that were asked so far. */
    public List<String> addresses() {
        return requests.stream().map(request -> request.get("url").asText()).toList();
    }

    /** The JSON that was last sent to a path. */
    public JsonNode lastSent(String path) {
        String body = requests.stream()
                .filter(request -> request.get("url").asText().endsWith(path))
                .toList()
                .getLast()
                .get("postData")
                .asText();
        try {
            return DevTools.JSON.readTree(body);
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    private void hear(String event, JsonNode parameters) {
        switch (event) {
            case "Network.requestWillBeSent" -> requests.add(parameters.get("request"));
            case "Runtime.exceptionThrown" -> complaints.add(parameters.toString());
            case "Runtime.consoleAPICalled" -> {
                if (!parameters.get("type").asText().equals("debug")) {
                    complaints.add(parameters.toString());
                }
            }
            case "Log.entryAdded" -> {
                if (!parameters.at("/entry/source").asText().equals("network")) {
                    complaints.add(parameters.toString());
                }
            }
            default -> {}
        }
    }

    private JsonNode call(String method, ObjectNode parameters) {
        return tools.call(method, parameters);
    }

    private static ObjectNode parameters() {
        return DevTools.JSON.createObjectNode();
    }

    private static ArrayNode names(Path... files) {
        ArrayNode names = DevTools.JSON.createArrayNode();
        for (Path file : files) {
            names.add(file.toString());
        }
        return names;
    }

    @Override
    public void close() {
        call("Page.close", parameters());
        tools.close();
    }
}
