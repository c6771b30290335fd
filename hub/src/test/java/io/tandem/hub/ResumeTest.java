package io.tandem.hub;

import static io.tandem.hub.Checkpoints.WEIGHTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that break, servers that err, and bytes that are wrong. */
class ResumeTest {

    @TempDir
    private Path cache;

    private LocalHub hub;
    private Client client;

    @BeforeEach
    void start() {
        hub = Checkpoints.single();
        client = new Client(hub.endpoint(), cache);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void goesOnWhereTheConnectionBroke() throws IOException {
        hub.fail(WEIGHTS, Fault.cut(100_000), Fault.cut(50_000));
        fetchesEverything();
        assertEquals(List.of("", "bytes=100000-", "bytes=150000-"), ranges());
        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), client.waits);
        assertTrue(
                client.lines.stream()
                        .anyMatch(line -> line.startsWith(WEIGHTS + ": ") && line.endsWith("trying again in 2 s")),
                client.lines.toString());
    }

    @Test
    void goesOnWhereAnEarlierStartWasEnded() throws IOException {
        leave(Arrays.copyOf(hub.content(WEIGHTS), 200_000));
        fetchesEverything();
        assertEquals(List.of("bytes=200000-"), ranges());
        assertTrue(client.lines.contains("started " + WEIGHTS + " at 200000"), client.lines.toString());
    }

    @Test
    void asksForNothingIfOnlyTheEndOfTheWorkWasMissing() throws IOException {
        leave(hub.content(WEIGHTS));
        fetchesEverything();
        assertEquals(List.of(), ranges());
    }

    @Test
    void startsOverIfTheServerKnowsNoRanges() throws IOException {
        leave(Arrays.copyOf(hub.content(WEIGHTS), 200_000));
        hub.fail(WEIGHTS, Fault.of(Fault.Kind.IGNORE_RANGE));
        fetchesEverything();
        assertEquals(List.of("bytes=200000-"), ranges());
        assertTrue(client.lines.contains("restarted"), client.lines.toString());
    }

    @Test
    void startsOverIfAnotherRangeComes() throws IOException {
        leave(Arrays.copyOf(hub.content(WEIGHTS), 200_000));
        hub.fail(WEIGHTS, Fault.of(Fault.Kind.WRONG_RANGE));
        fetchesEverything();
        assertEquals(List.of("bytes=200000-", ""), ranges());
    }

    @Test
    void startsOverIfMoreIsThereThanTheFileHas() throws IOException {
        leave(new byte[hub.content(WEIGHTS).length + 1]);
        fetchesEverything();
        assertEquals(List.of(""), ranges());
    }

    @Test
    void givesUpAfterFiveFailuresAndKeepsWhatCame() throws IOException {
        hub.fail(WEIGHTS, Collections.nCopies(5, Fault.cut(1000)).toArray(Fault[]::new));
        String refusal = client.refusal();
        assertTrue(refusal.contains("start again to go on"), refusal);
        assertEquals(5000, Files.size(partial()));
        assertEquals(
                List.of(1L, 2L, 4L, 8L),
                client.waits.stream().map(Duration::toSeconds).toList());
        fetchesEverything();
        assertEquals("bytes=5000-", ranges().getLast());
    }

    @Test
    void givesUpOnAFileThatNeverReachesItsEnd() {
        try (LocalHub larger = LocalHub.serving(Client.NAME, Checkpoints.LARGER)) {
            larger.fail(
                    WEIGHTS,
                    Collections.nCopies(100, Fault.of(Fault.Kind.TOO_SHORT)).toArray(Fault[]::new));
            String refusal = new Client(larger.endpoint(), cache).refusal();
            int length = larger.content(WEIGHTS).length;
            assertTrue(refusal.contains("ended after " + (length - 10) + " of " + length + " bytes"), refusal);
            assertTrue(larger.downloads(WEIGHTS) <= 3 * Attempts.LIMIT, larger.downloads(WEIGHTS) + " requests");
        }
    }

    @Test
    void goesOnAsLongAsSomethingIsGained() throws IOException {
        try (LocalHub larger = LocalHub.serving(Client.NAME, Checkpoints.LARGER)) {
            larger.fail(WEIGHTS, Collections.nCopies(6, Fault.cut(1_100_000)).toArray(Fault[]::new));
            Path folder = new Client(larger.endpoint(), cache).fetch();
            Checkpoints.assertSameContent(Checkpoints.LARGER, folder);
            assertEquals(7, larger.downloads(WEIGHTS));
        }
    }

    @Test
    void waitsAsLongAsAnOverloadedHubAsksTo() throws IOException {
        hub.fail(LocalHub.LISTING, Fault.status(429, "Retry-After", "17"), Fault.status(503));
        hub.fail("config.json", Fault.status(500), Fault.status(429, "Retry-After", "3"));
        fetchesEverything();
        assertEquals(
                List.of(17L, 2L, 1L, 3L),
                client.waits.stream().map(Duration::toSeconds).toList());
    }

    @Test
    void readsADateInRetryAfter() throws IOException {
        ZonedDateTime soon = ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(100);
        hub.fail(LocalHub.LISTING, Fault.status(429, "Retry-After", DateTimeFormatter.RFC_1123_DATE_TIME.format(soon)));
        fetchesEverything();
        long waited = client.waits.getFirst().toSeconds();
        assertTrue(waited > 60 && waited <= 100, waited + " s");
    }

    @Test
    void givesUpAtOnceIfItIsToWaitForHours() {
        hub.fail(LocalHub.LISTING, Fault.status(429, "Retry-After", "7200"));
        String refusal = client.refusal();
        assertTrue(refusal.contains("answered 429") && refusal.contains("7200 s"), refusal);
        assertEquals(List.of(), client.waits);
    }

    @Test
    void endsAConnectionThatFallsSilent() throws IOException {
        hub.fail(WEIGHTS, Fault.stall(70_000));
        client.timeout(Duration.ofSeconds(1));
        fetchesEverything();
        assertEquals(List.of("", "bytes=70000-"), ranges());
    }

    @Test
    void deletesWhatCameWithAnotherChecksum() throws IOException {
        hub.fail(WEIGHTS, Fault.of(Fault.Kind.CORRUPT));
        String refusal = client.refusal();
        assertTrue(refusal.contains("SHA-256") && refusal.contains(hub.id(WEIGHTS)), refusal);
        assertFalse(Files.exists(partial()));
        hub.fail("config.json", Fault.of(Fault.Kind.CORRUPT));
        fetchesEverything();
    }

    @Test
    void checksSmallFilesByTheirGitDigest() throws IOException {
        hub.fail("config.json", Fault.of(Fault.Kind.CORRUPT));
        String refusal = client.refusal();
        assertTrue(refusal.contains("SHA-1") && refusal.contains(hub.id("config.json")), refusal);
        assertEquals(0, hub.downloads(WEIGHTS));
        fetchesEverything();
    }

    @Test
    void deletesWhatIsLongerThanAnnounced() throws IOException {
        hub.fail(WEIGHTS, Fault.of(Fault.Kind.TOO_LONG));
        String refusal = client.refusal();
        assertTrue(refusal.contains("more than the " + hub.content(WEIGHTS).length + " bytes"), refusal);
        assertFalse(Files.exists(partial()));
        fetchesEverything();
    }

    @Test
    void reportsARefusalOfTheCdnAsItsOwn() {
        hub.fail(WEIGHTS, Fault.status(403, "X-Error-Message", "expired"));
        String refusal = client.refusal();
        assertTrue(refusal.contains("answered 403: expired") && !refusal.contains("gated"), refusal);
    }

    private void fetchesEverything() throws IOException {
        Checkpoints.assertSameContent(Checkpoints.SINGLE, client.fetch());
        assertFalse(Files.exists(partial()));
    }

    /** The ranges of the requests for the weights' content. */
    private List<String> ranges() {
        return hub.requests().stream()
                .filter(request -> request.server().equals("cdn"))
                .map(LocalHub.Request::range)
                .toList();
    }

    private Path partial() {
        return cache.resolve("models--tandem--tiny-model/blobs").resolve(hub.id(WEIGHTS) + ".tandem.incomplete");
    }

    private void leave(byte[] content) throws IOException {
        Files.createDirectories(partial().getParent());
        Files.write(partial(), content);
    }
}
