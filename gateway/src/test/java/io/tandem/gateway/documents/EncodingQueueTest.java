package io.tandem.gateway.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.files.FileLimits;
import io.tandem.gateway.files.FileStatus;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.Incoming;
import io.tandem.gateway.files.Purpose;
import io.tandem.gateway.files.StoredFile;
import io.tandem.messaging.Courier;
import io.tandem.messaging.EmbeddedBroker;
import io.tandem.messaging.Letter;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on a real broker's queue: who gets them, and where those end that can't be read. */
class EncodingQueueTest {

    private static final long PATIENCE_SECONDS = 30;

    private final Vertx vertx = Vertx.vertx();
    private final EmbeddedBroker broker = new EmbeddedBroker();
    private final Courier courier = courier();
    private final BlockingQueue<Letter> dead = new LinkedBlockingQueue<>();

    @TempDir
    Path folder;

    private FileStore store;
    private EncodingQueue queue;

    @BeforeEach
    void start() {
        broker.start();
        store = new FileStore(folder, new FileLimits(1000, 1000, 10), InstantSource.system());
        queue = new EncodingQueue(courier, store, 1);
        courier.receive(EncodingQueue.FILES + Courier.DEAD, 10, dead::add);
    }

    @AfterEach
    void end() {
        queue.close();
        courier.close();
        store.close();
        broker.close();
        vertx.close();
    }

    @Test
    void whatCantBeReadIsKeptWithItsReason() throws InterruptedException {
        StoredFile file = file();
        queue.receive((same, ended) -> ended.with(Optional.of("It has no text.")), () -> {});
        queue.submit(file);
        assertBuried(file, "It has no text.");
        Eventually.check("nothing is left of it in the queue", () -> broker.delivering(EncodingQueue.FILES) == 0);
    }

    /** As with a file whose reading ends the process: it must not end the next one too, for ever. */
    @Test
    void whatNobodySurvivesIsGivenUp() throws InterruptedException {
        StoredFile file = file();
        CountDownLatch deliveries = new CountDownLatch(3);
        try (Courier dying = courier()) {
            dying.receive(EncodingQueue.FILES, 1, letter -> {
                if (deliveries.getCount() > 0) {
                    letter.fail();
                    deliveries.countDown();
                }
            });
            queue.submit(file);
            assertTrue(deliveries.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        queue.receive(
                (same, ended) -> {
                    throw new AssertionError("it is not read again");
                },
                () -> {});
        assertBuried(file, "Nobody lived to read this file.");
        assertEquals(FileStatus.State.ERROR, store.status(file).state());
        assertEquals(
                Optional.of("Nobody lived to read this file."),
                store.status(file).details());
    }

    @Test
    void whatIsGoneOrWasReadBeforeIsNotReadAgain() throws InterruptedException {
        StoredFile deleted = file();
        StoredFile read = file();
        StoredFile fresh = file();
        store.delete(deleted);
        store.setStatus(read, FileStatus.processed(FileStatus.Progress.NONE));
        BlockingQueue<StoredFile> begun = new LinkedBlockingQueue<>();
        courier.send(EncodingQueue.FILES, "", Map.of("file", "no id"));
        queue.submit(deleted);
        queue.submit(read);
        queue.submit(fresh);
        queue.receive(
                (file, ended) -> {
                    begun.add(file);
                    ended.with(Optional.empty());
                },
                () -> {});
        assertEquals(fresh, begun.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        Eventually.check("all were dealt with", () -> broker.delivering(EncodingQueue.FILES) == 0);
        assertEquals(0, begun.size());
        assertEquals(0, dead.size());
    }

    private void assertBuried(StoredFile file, String reason) throws InterruptedException {
        Letter letter = dead.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(letter, "nothing was given up");
        assertEquals(file.id().value(), letter.properties().get("file"));
        assertEquals(reason, letter.properties().get("reason"));
        letter.accept();
    }

    private StoredFile file() {
        try (Incoming incoming = store.begin()) {
            return incoming.commit(new Incoming.Description("alice", "a.txt", Purpose.USER_DATA, Optional.empty()));
        }
    }

    private Courier courier() {
        return new Courier(vertx, broker::address, Duration.ofMillis(100));
    }
}
