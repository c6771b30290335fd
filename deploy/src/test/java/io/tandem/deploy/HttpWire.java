package io.tandem.deploy;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** HTTP as bytes, for requests that no client would send. */
final class HttpWire {

    private static final int PATIENCE_MILLIS = 20_000;
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final int port;

    HttpWire(int port) {
        this.port = port;
    }

    /**
     * What came back.
     *
     * @param status 0 if the connection was closed without a response
     * @param headers by their names, whatever their case
     * @param body as far as Content-Length goes
     */
    record Response(int status, Map<String, String> headers, String body) {}

    /** A whole request with a body. */
    static byte[] post(String path, byte[] body, String... headers) {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(
                ascii("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n"));
        for (String header : headers) {
            request.writeBytes(ascii(header + "\r\n"));
        }
        request.writeBytes(ascii("\r\n"));
        request.writeBytes(body);
        return request.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sends bytes over a connection of their own and waits for one response. */
    Response send(byte[] request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request);
            // A client that reads byte by byte is slower than what it measures.
            InputStream in = new BufferedInputStream(socket.getInputStream());
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            int matched = 0;
            while (matched < END_OF_HEAD.length) {
                int next = in.read();
                if (next < 0) {
                    return new Response(0, Map.of(), "");
                }
                head.write(next);
                if (next == END_OF_HEAD[matched]) {
                    matched++;
                } else {
                    matched = next == END_OF_HEAD[0] ? 1 : 0;
                }
            }
            String[] lines = head.toString(StandardCharsets.ISO_8859_1).split("\r\n");
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (int i = 1; i < lines.length; i++) {
                String[] parts = lines[i].split(": ?", 2);
                headers.put(parts[0], parts[1]);
            }
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            return new Response(Integer.parseInt(lines[0].split(" ")[1]), headers, body);
        }
    }
}
