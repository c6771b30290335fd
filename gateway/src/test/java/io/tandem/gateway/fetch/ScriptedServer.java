package io.tandem.gateway.fetch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A host that answers as badly as a test wants, on the loopback interface. Owned by one test; serves on virtual threads. */
final class ScriptedServer implements AutoCloseable {

    /** Writes a whole response, head included. */
    @FunctionalInterface
    interface Script {
        void write(OutputStream out) throws IOException;
    }

    private final ServerSocket socket;
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    /** The heads of all requests. */
    final List<String> heads = new CopyOnWriteArrayList<>();
    /** Paths whose client went away before it had everything. */
    final List<String> abandoned = new CopyOnWriteArrayList<>();

    ScriptedServer() {
        try {
            socket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    ScriptedServer on(String path, Script script) {
        scripts.put(path, script);
        return this;
    }

    ScriptedServer on(String path, String head, byte[] body) {
        return on(path, out -> {
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
        });
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (SocketException closed) {
                return;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    private void serve(Socket client) {
        String path = "";
        try (client) {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            StringBuilder head = new StringBuilder();
            for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                head.append(line).append('\n');
            }
            if (head.isEmpty()) {
                return;
            }
            heads.add(head.toString());
            path = head.toString().split(" ")[1];
            scripts.getOrDefault(
                            path,
                            out -> out.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.ISO_8859_1)))
                    .write(client.getOutputStream());
        } catch (IOException gone) {
            abandoned.add(path);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
