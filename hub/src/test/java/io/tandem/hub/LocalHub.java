package io.tandem.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * A Hugging Face hub on this machine with one repository, made of a folder's files: the parts of the protocol that
 * downloads use, as huggingface.co answers them. Large files come from a second server, as from its CDN. Owned by the
 * test that started it.
 */
public final class LocalHub implements AutoCloseable {

    /** What the list of files is called where faults are set; no file has this name. */
    public static final String LISTING = "?";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * A request that came.
     *
     * @param server {@code hub} or {@code cdn}
     * @param method GET or HEAD
     * @param path with which file
     * @param range header Range, or an empty text
     * @param authorization header Authorization, or an empty text
     */
    public record Request(String server, String method, String path, String range, String authorization) {}

    private final String repository;
    private final SortedMap<String, StoredFile> files;
    private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer hub;
    private final HttpServer cdn;
    private final String commit;
    private volatile String neededToken;
    private volatile boolean bare;
    private volatile String extraName;

    private LocalHub(String repository, SortedMap<String, StoredFile> files) throws IOException {
        this.repository = repository;
        this.files = files;
        // A commit changes with the files, as git's does.
        this.commit = StoredFile.gitSha1(files.toString().getBytes(StandardCharsets.UTF_8));
        this.hub = server("hub", this::answerAsHub);
        this.cdn = server("cdn", this::answerAsCdn);
    }

    /** @param folder all files in it, at any depth, are the repository's */
    public static LocalHub serving(String repository, Path folder) {
        SortedMap<String, StoredFile> files = new TreeMap<>();
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path file : found.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                files.put(name, StoredFile.of(name, Files.readAllBytes(file)));
            }
            return new LocalHub(repository, files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI endpoint() {
        return address(hub);
    }

    public String commit() {
        return commit;
    }

    /** Git's or Git LFS's id of a file. */
    public String id(String file) {
        return files.get(file).id();
    }

    public byte[] content(String file) {
        return files.get(file).content().clone();
    }

    /** The next requests for a file's content go wrong, each in one way; {@link #LISTING} is the list of files. */
    public void fail(String file, Fault... in) {
        faults.computeIfAbsent(file, key -> new ArrayDeque<>()).addAll(List.of(in));
    }

    /** Files are given to the owner of this token only. */
    public void gate(String token) {
        neededToken = token;
    }

    /** Lists names only, as some mirrors do. */
    public void listWithoutDetails() {
        bare = true;
    }

    /** Lists a file that isn't there. */
    public void listAlso(String name) {
        extraName = name;
    }

    /** Everything that was asked for so far. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** How often a file's content was asked for. */
    public long downloads(String file) {
        String server = files.get(file).isLarge() ? "cdn" : "hub";
        return requests.stream()
                .filter(request -> request.method().equals("GET")
                        && request.server().equals(server)
                        && (request.path().contains("resolve-cache") || server.equals("cdn"))
                        && request.path().endsWith("/" + file))
                .count();
    }

    private HttpServer server(String name, HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.add(new Request(
                    name,
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getRawPath(),
                    header(exchange, "Range"),
                    header(exchange, "Authorization")));
            handler.handle(exchange);
        });
        server.setExecutor(workers);
        server.start();
        return server;
    }

    private void answerAsHub(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        String models = "/api/models/" + repository + "/revision/";
        String resolve = "/" + repository + "/resolve/";
        String cached = "/api/resolve-cache/models/" + repository + "/" + commit + "/";
        if (path.startsWith(models)) {
            answerListing(exchange, path.substring(models.length()));
        } else if (path.startsWith(resolve)) {
            answerResolve(exchange, path.substring(resolve.length()));
        } else if (path.startsWith(cached)) {
            describe(exchange, files.get(path.substring(cached.length())));
            send(exchange, files.get(path.substring(cached.length())));
        } else {
            refuse(exchange, 401, "RepoNotFound");
        }
    }

    private void answerListing(HttpExchange exchange, String revision) throws IOException {
        Fault fault = next(LISTING);
        if (fault != null) {
            answer(exchange, fault);
        } else if (!isKnown(revision)) {
            refuse(exchange, 404, "RevisionNotFound");
        } else {
            byte[] body = listing().toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        }
    }

    private ObjectNode listing() {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("id", repository).put("sha", commit);
        ArrayNode siblings = root.putArray("siblings");
        for (StoredFile file : files.values()) {
            ObjectNode sibling = siblings.addObject().put("rfilename", file.name());
            if (!bare) {
                file.describe(sibling);
            }
        }
        if (extraName != null) {
            siblings.addObject().put("rfilename", extraName);
        }
        return root;
    }

    private void answerResolve(HttpExchange exchange, String rest) throws IOException {
        StoredFile file = files.get(rest.substring(rest.indexOf('/') + 1));
        if (!isKnown(rest.substring(0, rest.indexOf('/')))) {
            refuse(exchange, 404, "RevisionNotFound");
        } else if (file == null) {
            refuse(exchange, 404, "EntryNotFound");
        } else if (neededToken != null && !header(exchange, "Authorization").equals("Bearer " + neededToken)) {
            refuse(exchange, header(exchange, "Authorization").isEmpty() ? 401 : 403, "GatedRepo");
        } else {
            describe(exchange, file);
            String target = file.isLarge()
                    ? address(cdn) + "/signed/" + file.name()
                    : "/api/resolve-cache/models/" + repository + "/" + commit + "/" + file.name();
            exchange.getResponseHeaders().set("Location", target);
            exchange.sendResponseHeaders(file.isLarge() ? 302 : 307, -1);
            exchange.close();
        }
    }

    private void describe(HttpExchange exchange, StoredFile file) {
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        exchange.getResponseHeaders().set("ETag", "\"" + file.id() + "\"");
        if (file.isLarge()) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + file.id() + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(file.content().length));
        }
    }

    private void answerAsCdn(HttpExchange exchange) throws IOException {
        send(exchange, files.get(exchange.getRequestURI().getRawPath().substring("/signed/".length())));
    }

    private void send(HttpExchange exchange, StoredFile file) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(file.content().length));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            return;
        }
        Fault fault = next(file.name());
        if (fault != null && fault.kind() == Fault.Kind.STATUS) {
            answer(exchange, fault);
        } else {
            new ContentAnswer(exchange, file.content(), fault, closing).send();
        }
    }

    private Fault next(String file) {
        Queue<Fault> queue = faults.get(file);
        if (queue == null) {
            return null;
        }
        synchronized (queue) {
            return queue.poll();
        }
    }

    private static void answer(HttpExchange exchange, Fault fault) throws IOException {
        fault.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(fault.status(), -1);
        exchange.close();
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
        byte[] body = "{\"error\":\"refused\"}".getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().set("X-Error-Code", code);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
        exchange.close();
    }

    private boolean isKnown(String revision) {
        return revision.equals("main") || revision.equals("refs%2Fpr%2F1") || revision.equals(commit);
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static URI address(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        closing.countDown();
        hub.stop(0);
        cdn.stop(0);
        workers.shutdownNow();
    }
}
