package io.tandem.hub;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy on the loopback interface: takes plain requests further, a connection for each, and opens no tunnels. Owned by one test. */
final class LocalProxy implements AutoCloseable {

    /** The heads of all requests, a line for each of their lines. */
    final List<List<String>> heads = new CopyOnWriteArrayList<>();

    private final ServerSocket socket;
    private final String login;

    /** @param login value of the header Proxy-Authorization that it wants, or null */
    LocalProxy(String login) {
        this.login = login;
        try {
            socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** How often something was asked for whose first line begins like this. */
    long asked(String start) {
        return heads.stream().filter(head -> head.getFirst().startsWith(start)).count();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (SocketException closed) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            List<String> head = new CopyOnWriteArrayList<>();
            for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                head.add(line);
            }
            if (head.isEmpty()) {
                return;
            }
            heads.add(head);
            if (login != null && head.stream().noneMatch(("Proxy-Authorization: " + login)::equalsIgnoreCase)) {
                refuse(client, "407 Proxy Authentication Required");
            } else if (head.getFirst().startsWith("CONNECT ")) {
                refuse(client, "502 Bad Gateway");
            } else {
                forward(head, client.getOutputStream());
            }
        } catch (SocketException gone) {
            // The client has seen what it wanted.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refuse(Socket client, String status) throws IOException {
        client.getOutputStream()
                .write(ascii("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    }

    private static void forward(List<String> head, OutputStream client) throws IOException {
        String[] parts = head.getFirst().split(" ");
        URI uri = URI.create(parts[1]);
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        StringBuilder request = new StringBuilder(parts[0] + " " + uri.getRawPath() + query + " HTTP/1.1\r\n");
        head.stream()
                .skip(1)
                .filter(line -> !line.regionMatches(true, 0, "Proxy-", 0, 6))
                .filter(line -> !line.regionMatches(true, 0, "Connection", 0, 10))
                .forEach(line -> request.append(line).append("\r\n"));
        try (Socket server = new Socket(uri.getHost(), uri.getPort())) {
            server.getOutputStream().write(ascii(request + "Connection: close\r\n\r\n"));
            InputStream answer = server.getInputStream();
            answer.transferTo(client);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
