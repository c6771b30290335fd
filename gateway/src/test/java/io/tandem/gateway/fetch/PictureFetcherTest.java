package io.tandem.gateway.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.pipeline.Picture;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.RequestScopes;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetching from hosts of every kind. One address stands for all public ones; everything else is as in production. */
class PictureFetcherTest {

    private static final String FIELD = "messages[0].content[0].image_url.url";
    private static final byte[] PNG = png(5000);
    private static final int MAX_BYTES = 100_000;
    private static final String OUT_OF_BOUNDS =
            FIELD + " is at, or leads to, a place that this server does not fetch from.";
    private static final String BROKEN = FIELD + " could not be fetched: its host did not answer, or broke off.";

    private final ScriptedServer server = new ScriptedServer();
    private final Vertx vertx = Vertx.vertx();
    private final RequestScopes scopes = new RequestScopes(Duration.ofMinutes(1));
    private final Map<String, Queue<List<String>>> names = new ConcurrentHashMap<>();
    private final PictureFetcher fetcher = fetcher(List.of(), 3);

    PictureFetcherTest() {
        names.put("pictures.test", answers(List.of("127.0.0.1")));
        server.on("/a.png", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", PNG);
    }

    @AfterEach
    void close() throws IOException {
        assertEquals(0, fetcher.running(), "every place is given back");
        fetcher.close();
        scopes.close();
        server.close();
        vertx.close();
    }

    @Test
    void pictureComesFromTheAddressThatWasChecked() {
        Picture picture = fetch("http://Pictures.test.:%d/a.png?size=1#top".formatted(server.port()), "/a.png?size=1");
        assertArrayEquals(PNG, picture.bytes().toByteArray());
        assertEquals(FIELD, picture.field());
        String head = server.heads.getFirst();
        assertTrue(head.startsWith("GET /a.png?size=1 HTTP/1.1\n"), head);
        assertTrue(head.toLowerCase().contains("\nhost: pictures.test:" + server.port() + "\n"), head);
        assertTrue(head.toLowerCase().contains("\naccept-encoding: identity\n"), head);
        assertFalse(head.toLowerCase().contains("cookie") || head.toLowerCase().contains("authorization"), head);
    }

    @Test
    void allPicturesOfARequestComeInTheirOrder() {
        server.on("/b.png", "HTTP/1.1 200 OK\r\n\r\n", png(300));
        try (RequestScope scope = scopes.open()) {
            List<Picture> pictures = fetcher.fetch(
                    List.of(
                            new RemotePicture(url("/a.png"), "images[0]"),
                            new RemotePicture(url("/b.png"), "images[2]"),
                            new RemotePicture(url("/a.png"), "images[3]")),
                    scope);
            assertEquals(
                    List.of("images[0]:5000", "images[2]:300", "images[3]:5000"),
                    pictures.stream()
                            .map(picture ->
                                    picture.field() + ":" + picture.bytes().size())
                            .toList());
        }
    }

    @Test
    void redirectsAreFollowedToTheirLimit() {
        redirect("/1", "/2");
        redirect("/2", url("/3"));
        redirect("/3", "//pictures.test:%d/a.png".formatted(server.port()));
        assertEquals(5000, fetch(url("/1")).bytes().size());
        redirect("/0", "1");
        assertRefused(
                "/0", FIELD + " leads over more than 3 redirects; raise tandem.gateway.images.remote.max-redirects.");
        redirect("/loop", "/loop");
        assertRefused(
                "/loop",
                FIELD + " leads over more than 3 redirects; raise tandem.gateway.images.remote.max-redirects.");
    }

    /** Of each kind one; the whole table is in {@link PublicAddressesTest}. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.2:%d/a.png",
                "http://2130706434:%d/a.png",
                "http://[::1]:%d/a.png",
                "http://[::ffff:127.0.0.2]:%d/a.png",
                "http://localhost6.test:%d/a.png",
                "http://10.1.2.3:%d/a.png",
                "http://169.254.169.254:%d/latest/meta-data/",
                "http://[fe80::1]:%d/a.png",
                "http://[fd00:ec2::254]:%d/a.png",
                "http://0.0.0.0:%d/a.png",
                "http://metadata.test:%d/a.png",
                "http://mixed.test:%d/a.png",
                "http://nowhere.test:%d/a.png",
                "http://pictures.test:1/a.png?%d"
            })
    void addressesInsideAreRefusedAlikeAtEveryHop(String form) {
        names.put("localhost6.test", answers(List.of("::1")));
        names.put("metadata.test", answers(List.of("169.254.169.254")));
        names.put("mixed.test", answers(List.of("127.0.0.1", "10.0.0.1")));
        String inside = form.formatted(server.port());
        assertEquals(OUT_OF_BOUNDS, refusal(inside).getMessage());
        redirect("/inside", inside);
        assertEquals(OUT_OF_BOUNDS, refusal(url("/inside")).getMessage());
        redirect("/farther", url("/inside"));
        assertEquals(OUT_OF_BOUNDS, refusal(url("/farther")).getMessage());
        assertTrue(
                server.heads.stream().noneMatch(head -> head.contains("a.png") || head.contains("latest")),
                server.heads.toString());
    }

    @Test
    void nameThatChangesItsMeaningIsAskedOnceForEveryHop() {
        // A second question would be answered with the address that the first one was checked for.
        names.put("rebinding.test", answers(List.of("127.0.0.1"), List.of("169.254.169.254"), List.of("127.0.0.1")));
        String url = "http://rebinding.test:%d/a.png".formatted(server.port());
        assertEquals(5000, fetch(url).bytes().size());
        assertEquals(2, names.get("rebinding.test").size(), "asked once");
        assertEquals(OUT_OF_BOUNDS, refusal(url).getMessage());
        assertEquals(1, server.heads.size());
    }

    @Test
    void onlyListedHostsAreAsked() throws IOException {
        names.put("cdn.example.test", answers(List.of("127.0.0.1")));
        names.put("evilexample.test", answers(List.of("127.0.0.1")));
        try (PictureFetcher listed = fetcher(List.of("Pictures.test", ".example.test"), 3);
                RequestScope scope = scopes.open()) {
            listed.fetch(List.of(new RemotePicture(url("/a.png"), FIELD)), scope);
            String below = "http://cdn.example.test:%d/a.png".formatted(server.port());
            listed.fetch(List.of(new RemotePicture(below, FIELD)), scope);
            RemotePicture other = new RemotePicture("http://evilexample.test:%d/a.png".formatted(server.port()), FIELD);
            assertEquals(
                    OUT_OF_BOUNDS,
                    assertThrows(TandemException.class, () -> listed.fetch(List.of(other), scope))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:secret@pictures.test/a.png",
                "http://user@pictures.test/a.png",
                "http:///a.png",
                "http:a.png",
                "http://",
                "http://pictures.test:99999/a.png",
                "http://pictures.test:-1/a.png",
                "http://pic tures.test/a.png",
                "http://pictures.test/%zz",
                "http://pictures.test\\@127.0.0.2/a.png",
                "http://[::1",
                "http://127.1/a.png",
                "https://"
            })
    void malformedAddressesAndCredentialsAreRefused(String url) {
        TandemException refusal = refusal(url);
        assertTrue(
                refusal.getMessage().contains("well-formed")
                        || refusal.getMessage().contains("user name"),
                refusal.getMessage());
        assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://pictures.test/a.png", "gopher://pictures.test/", "data:,x"})
    void redirectsLeadToTheWebOnly(String location) {
        redirect("/away", location);
        assertRefused("/away", FIELD + " must be, and lead to, an address of http or https.");
    }

    @Test
    void longAddressIsRefused() {
        assertEquals(
                FIELD + " is an address of 9,000 characters, limit 8,192.",
                refusal("http://pictures.test/".concat("x".repeat(9000 - 21))).getMessage());
    }

    @Test
    void announcedBytesOverTheCapAreNotRead() {
        server.on("/large", "HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n", PNG);
        assertRefused(
                "/large",
                FIELD + " is a picture of 100,001 bytes, limit 100,000; raise tandem.gateway.images.max-size.");
    }

    @Test
    void endlessBodyIsCutAtTheCap() {
        server.on("/endless", out -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write(PNG);
            }
        });
        String message = refusal(url("/endless")).getMessage();
        assertTrue(
                message.matches(".*at least 1\\d\\d,\\d{3} bytes, limit 100,000; raise .*images.max-size."), message);
        Eventually.check("the host is left", () -> server.abandoned.contains("/endless"));
    }

    @Test
    void endlessHeadIsCut() {
        server.on("/head", out -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write("x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
            }
        });
        assertRefused("/head", BROKEN);
    }

    @Test
    void allPicturesTogetherAreBounded() {
        List<RemotePicture> many = Arrays.asList(new RemotePicture[60]);
        many.replaceAll(nothing -> new RemotePicture(url("/a.png"), FIELD));
        try (RequestScope scope = scopes.open()) {
            String message = assertThrows(TandemException.class, () -> fetcher.fetch(many, scope))
                    .getMessage();
            assertTrue(
                    message.matches(".*at least [\\d,]+ bytes together, limit 250,000; raise .*body.max-size."),
                    message);
        }
        Eventually.check("all are over", () -> fetcher.running() == 0);
    }

    @Test
    void dripIsCutWhenTheTimeIsOver() {
        server.on("/drip", out -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            for (byte drop : PNG) {
                out.write(drop);
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        });
        assertRefused(
                "/drip",
                FIELD
                        + " could not be fetched: it did not come within 1,500 ms; raise tandem.gateway.images.remote.timeout.");
        Eventually.check("the host is left", () -> server.abandoned.contains("/drip"));
    }

    @Test
    void silenceIsCutEarlier() {
        CountDownLatch over = new CountDownLatch(1);
        server.on("/silent", out -> awaitQuietly(over));
        server.on("/stops", out -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(PNG, 0, 100);
            awaitQuietly(over);
        });
        assertRefused("/silent", BROKEN);
        assertRefused("/stops", BROKEN);
        over.countDown();
    }

    @Test
    void bodyShorterThanAnnouncedIsNoPicture() {
        server.on("/short", "HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n", PNG);
        assertRefused("/short", BROKEN);
        server.on("/wrong", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", PNG);
        assertRefused("/wrong", BROKEN);
        server.on("/noise", "\u0000\u0001\u0002 no HTTP at all\r\n\r\n", PNG);
        assertRefused("/noise", BROKEN);
        server.on("/nothing", "", new byte[0]);
        assertRefused("/nothing", BROKEN);
    }

    @Test
    void compressedBodyIsNotUnpacked() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bomb)) {
            gzip.write(new byte[10_000_000]);
        }
        server.on("/bomb", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", bomb.toByteArray());
        assertRefused("/bomb", FIELD + " could not be fetched: its host sent it compressed, which was not asked for.");
    }

    @Test
    void whatIsNoPictureIsRefusedWhateverItsTypeSays() {
        String none = FIELD + " could not be fetched: what its host sent is no PNG, JPEG, WebP or GIF.";
        server.on(
                "/page",
                "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
                "<html>secret of the intranet</html>".getBytes(StandardCharsets.US_ASCII));
        assertRefused("/page", none);
        server.on("/empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", new byte[0]);
        assertRefused("/empty", none);
        server.on("/tiny", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", new byte[] {1, 2, 3});
        assertRefused("/tiny", none);
        server.on("/text", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", PNG);
        assertEquals(5000, fetch(url("/text")).bytes().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 204, 206, 301, 304, 400, 401, 404, 500, 503})
    void otherStatusesAreRefused(int status) {
        server.on("/status", "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n".formatted(status), new byte[0]);
        assertRefused("/status", FIELD + " could not be fetched: its host answered " + status + ".");
    }

    @Test
    void plainHostIsNotTakenForOneWithTls() {
        assertEquals(
                BROKEN,
                refusal("https://pictures.test:%d/a.png".formatted(server.port()))
                        .getMessage());
    }

    @Test
    void cancelEndsTheFetch() {
        CountDownLatch over = new CountDownLatch(1);
        server.on("/held", out -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (over.getCount() > 0) {
                out.write(PNG, 0, 12);
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        });
        AtomicReference<TandemException> failure = new AtomicReference<>();
        RequestScope scope = scopes.open();
        Thread request = Thread.ofVirtual()
                .start(() -> failure.set(assertThrows(
                        TandemException.class,
                        () -> fetcher.fetch(List.of(new RemotePicture(url("/held"), FIELD)), scope))));
        Eventually.check("the host is asked", () -> !server.heads.isEmpty());
        scope.cancel();
        Eventually.check("the request is over", () -> !request.isAlive());
        assertEquals(ErrorCode.CANCELLED, failure.get().code());
        Eventually.check("the host is left", () -> server.abandoned.contains("/held"));
        Eventually.check("the place is free", () -> fetcher.running() == 0);
        over.countDown();
    }

    @Test
    void moreThanTheLimitAtATimeIsOverload() {
        CountDownLatch over = new CountDownLatch(1);
        server.on("/slow", out -> awaitQuietly(over));
        try (RequestScope first = scopes.open();
                RequestScope second = scopes.open()) {
            List<RemotePicture> four = List.of(
                    new RemotePicture(url("/slow"), FIELD),
                    new RemotePicture(url("/slow"), FIELD),
                    new RemotePicture(url("/slow"), FIELD),
                    new RemotePicture(url("/slow"), FIELD));
            Thread.ofVirtual().start(() -> assertThrows(TandemException.class, () -> fetcher.fetch(four, first)));
            Eventually.check("four are asked for", () -> server.heads.size() == 4);
            TandemException refusal = assertThrows(
                    TandemException.class,
                    () -> fetcher.fetch(List.of(new RemotePicture(url("/a.png"), FIELD)), second));
            assertEquals(ErrorCode.OVERLOADED, refusal.code());
            assertTrue(refusal.getMessage().startsWith("4 pictures are being fetched"), refusal.getMessage());
            first.cancel();
        }
        Eventually.check("all are over", () -> fetcher.running() == 0);
        over.countDown();
    }

    private PictureFetcher fetcher(List<String> hosts, int redirects) {
        FetchLimits limits = new FetchLimits(
                hosts,
                Set.of(server.port()),
                MAX_BYTES,
                250_000,
                redirects,
                Duration.ofMillis(1500),
                Duration.ofMillis(700),
                4,
                4);
        InetAddress outside = address("127.0.0.1");
        AddressPolicy policy = new PublicAddresses();
        return new PictureFetcher(
                vertx, limits, this::resolve, address -> address.equals(outside) || policy.allows(address));
    }

    /** Names get their answers in turn, the last one again and again; what is no name of ours is an address or nothing. */
    private List<InetAddress> resolve(String host) throws UnknownHostException {
        Queue<List<String>> answers = names.get(host);
        if (answers == null) {
            if (host.endsWith(".test")) {
                throw new UnknownHostException(host);
            }
            return NameResolver.SYSTEM.resolve(host);
        }
        List<String> answer = answers.size() > 1 ? answers.remove() : answers.element();
        return answer.stream().map(PictureFetcherTest::address).toList();
    }

    @SafeVarargs
    private static Queue<List<String>> answers(List<String>... answers) {
        return new ArrayDeque<>(List.of(answers));
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private void redirect(String path, String location) {
        server.on(path, "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n", new byte[0]);
    }

    private String url(String path) {
        return "http://pictures.test:%d%s".formatted(server.port(), path);
    }

    private Picture fetch(String url, String path) {
        server.on(path, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", PNG);
        return fetch(url);
    }

    private Picture fetch(String url) {
        try (RequestScope scope = scopes.open()) {
            return fetcher.fetch(List.of(new RemotePicture(url, FIELD)), scope).getFirst();
        }
    }

    private void assertRefused(String path, String message) {
        assertEquals(message, refusal(url(path)).getMessage());
    }

    private TandemException refusal(String url) {
        TandemException refusal = assertThrows(TandemException.class, () -> fetch(url), url);
        assertEquals(ErrorCode.INVALID_IMAGE_URL, refusal.code(), refusal.getMessage());
        assertEquals(FIELD, refusal.param().orElseThrow());
        return refusal;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException(stopped));
        }
    }

    private static byte[] png(int length) {
        byte[] file = new byte[length];
        byte[] signature = "\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(signature, 0, file, 0, signature.length);
        return file;
    }
}
