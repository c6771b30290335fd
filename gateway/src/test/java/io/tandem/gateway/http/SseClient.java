package io.tandem.gateway.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A client that sees every line of an answer in pieces and goes away when a test says so. Used by one thread. */
final class SseClient implements AutoCloseable {

    private static final String DATA = "data: ";

    private final Socket socket;
    private final BufferedReader reader;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private String statusLine;

    /** @param more headers, each as it is written */
    SseClient(URI server, String path, String body, String... more) throws IOException {
        socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(10_000);
        reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        socket.getOutputStream()
                .write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                                + bytes.length + "\r\n" + headLines(more) + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(bytes);
    }

    private static String headLines(String... headers) {
        return Stream.of(headers).map(header -> header + "\r\n").collect(Collectors.joining());
    }

    /** The head; waits for it. */
    Map<String, String> headers() throws IOException {
        if (statusLine == null) {
            statusLine = reader.readLine();
            for (String line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
                String[] parts = line.split(": ", 2);
                headers.put(parts[0], parts[1]);
            }
        }
        return headers;
    }

    /** The status; waits for it. */
    int status() throws IOException {
        headers();
        return Integer.parseInt(statusLine.split(" ")[1]);
    }

    /** The next event or comment; waits for it. Null at the end, which must be a proper one. */
    String next() throws IOException {
        headers();
        String size = reader.readLine();
        if (size == null) {
            throw new IOException("the connection was cut");
        }
        if (Integer.parseInt(size, 16) == 0) {
            return null;
        }
        String event = reader.readLine();
        String endOfEvent = reader.readLine();
        String endOfPiece = reader.readLine();
        if (!endOfEvent.isEmpty() || !endOfPiece.isEmpty()) {
            throw new IOException("not one event in one piece: " + event);
        }
        return event;
    }

    /** The data of the next event, comments left out; waits for it. */
    String nextData() throws IOException {
        String event = next();
        while (event.startsWith(":")) {
            event = next();
        }
        return event.substring(DATA.length());
    }

    /** All events that are left, without comments. */
    List<String> rest() throws IOException {
        List<String> events = new ArrayList<>();
        for (String event = next(); event != null; event = next()) {
            if (event.startsWith(DATA)) {
                events.add(event.substring(DATA.length()));
            }
        }
        return events;
    }

    /** Goes away at once. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
