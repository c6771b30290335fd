package io.tandem.gateway.batches;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.FileLimits;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.Incoming;
import io.tandem.gateway.files.Purpose;
import io.tandem.gateway.files.StoredFile;
import io.tandem.messaging.Courier;
import io.tandem.messaging.EmbeddedBroker;
import io.tandem.messaging.Letter;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that share a folder and a real broker: who works, who dies, and what is in the output. */
class SharedBatchesTest {

    private static final int SLOTS = 2;

    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> Instant.now().plus(ahead);
    private final Vertx vertx = Vertx.vertx();
    private final EmbeddedBroker broker = new EmbeddedBroker();
    private final List<Gateway> gateways = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        broker.start();
    }

    @AfterEach
    void end() {
        gateways.forEach(Gateway::close);
        broker.close();
        vertx.close();
    }

    @Test
    void gatewaysShareTheLines() throws IOException {
        Gateway one = new Gateway();
        Gateway other = new Gateway();
        Batch batch = one.create(100);
        one.open.release(100);
        other.open.release(100);
        one.await(batch, BatchStatus.COMPLETED);
        assertTrue(!one.answered.isEmpty() && !other.answered.isEmpty(), "both work");
        assertEquals(100, one.answered.size() + other.answered.size());
        assertEquals(expected(100), one.output(batch));
    }

    @Test
    void aGatewayTakesNoMoreThanItHasSlots() throws IOException {
        Gateway one = new Gateway();
        one.create(20);
        Eventually.check("lines run", () -> one.worker.inFlight() == SLOTS);
        assertEquals(SLOTS, broker.delivering(BrokeredQueue.LINES));
        Gateway other = new Gateway();
        Eventually.check("others get the rest", () -> other.worker.inFlight() == SLOTS);
        assertEquals(SLOTS, one.worker.inFlight());
    }

    @Test
    void whoDiesLosesAndRepeatsNothing() throws IOException {
        Gateway one = new Gateway();
        Gateway other = new Gateway();
        Batch batch = one.create(60);
        one.open.release(5);
        other.open.release(5);
        Eventually.check("some are answered", () -> one.answered.size() + other.answered.size() == 10);
        gateways.remove(one);
        one.close();
        other.open.release(1000);
        other.await(batch, BatchStatus.COMPLETED);
        assertEquals(expected(60), other.output(batch));
        assertEquals(new BatchState.Counts(60, 60, 0), other.store.state(batch).counts());
    }

    @Test
    void aBrokerThatForgetsEverythingIsNoLoss() throws IOException {
        Gateway one = new Gateway();
        Batch batch = one.create(40);
        one.open.release(7);
        Eventually.check("some are answered", () -> one.answered.size() == 7);
        broker.close();
        broker.start();
        one.open.release(1000);
        one.await(batch, BatchStatus.COMPLETED);
        assertEquals(expected(40), one.output(batch));
    }

    @Test
    void poisonIsGivenUpWithItsReason() throws Exception {
        Gateway one = new Gateway();
        one.open.release(1000);
        one.poison = "line 3";
        Batch batch = one.create(5);
        one.await(batch, BatchStatus.COMPLETED);
        assertEquals(new BatchState.Counts(5, 4, 1), one.store.state(batch).counts());
        FileId errors = one.store.state(batch).output().orElseThrow().errors();
        assertEquals(List.of("line 3 given up: internal_error Nobody knows why."), one.lines(errors));
        BlockingQueue<Letter> dead = new LinkedBlockingQueue<>();
        one.courier.receive(BrokeredQueue.LINES + Courier.DEAD, 1, dead::add);
        Letter letter = dead.poll(10, TimeUnit.SECONDS);
        assertEquals("3", letter.properties().get("line"));
        assertEquals("Nobody knows why.", letter.properties().get("reason"));
        letter.accept();
        assertEquals(3, one.poisoned.availablePermits(), "attempts");
        one.courier.send(BrokeredQueue.LINES, "", Map.of("owner", "nobody"));
        Letter unreadable = dead.poll(10, TimeUnit.SECONDS);
        assertEquals(
                "The message has no property batch.", unreadable.properties().get("reason"));
        unreadable.accept();
    }

    @Test
    void cancellingEndsWhatRunsElsewhere() throws IOException {
        Gateway one = new Gateway();
        Gateway other = new Gateway();
        Batch batch = one.create(50);
        Eventually.check("both work", () -> one.worker.inFlight() > 0 && other.worker.inFlight() > 0);
        other.batches.cancel(batch);
        one.await(batch, BatchStatus.CANCELLED);
        assertEquals(new BatchState.Counts(50, 0, 0), one.store.state(batch).counts());
        Eventually.check("nothing runs", () -> one.worker.inFlight() + other.worker.inFlight() == 0);
    }

    @Test
    void whatHasNoAnswerAtTheEndOfTheWindowIsAnError() throws IOException {
        Gateway one = new Gateway();
        Batch batch = one.create(10);
        one.open.release(4);
        Eventually.check("some are answered, others run", () -> one.answered.size() == 4 && one.worker.inFlight() == 2);
        ahead = Batch.WINDOW;
        one.await(batch, BatchStatus.EXPIRED);
        assertEquals(new BatchState.Counts(10, 4, 6), one.store.state(batch).counts());
        assertEquals(4, one.output(batch).size());
        List<String> errors =
                one.lines(one.store.state(batch).output().orElseThrow().errors());
        assertEquals(6, errors.size());
        assertTrue(errors.stream().allMatch(line -> line.contains("given up: batch_expired")), errors::toString);
        Eventually.check("nothing runs", () -> one.worker.inFlight() == 0);
    }

    private static List<String> expected(int lines) {
        return IntStream.range(0, lines).mapToObj(i -> "answer to line " + i).toList();
    }

    /** One gateway's work on batches; answers a line for each permit. */
    private final class Gateway implements LineAnswers, AutoCloseable {
        private final Semaphore open = new Semaphore(0);
        private final Semaphore poisoned = new Semaphore(0);
        private final List<String> answered = new CopyOnWriteArrayList<>();
        private final FileStore files =
                new FileStore(folder.resolve("files"), new FileLimits(1 << 20, 1 << 24, 1000), clock);
        private final BatchStore store = new BatchStore(folder.resolve("batches"), clock);
        private final LineWorker worker = new LineWorker(store, this);
        private final Courier courier = new Courier(vertx, broker::address, Duration.ofMillis(100));
        private final BrokeredQueue queue = new BrokeredQueue(courier, worker, SLOTS);
        private final Batches batches =
                new Batches(new Batches.Parts(store, files, worker, this, queue), new BatchLimits(1000, 1000, 10));
        private volatile String poison = "";

        private Gateway() {
            gateways.add(this);
            queue.receive();
            batches.start(Duration.ofMillis(100));
        }

        private Batch create(int lines) throws IOException {
            try (Incoming incoming = files.begin()) {
                for (int i = 0; i < lines; i++) {
                    incoming.append(ByteBuffer.wrap(("line " + i + "\n").getBytes(StandardCharsets.UTF_8)));
                }
                StoredFile input =
                        incoming.commit(new Incoming.Description("", "lines.jsonl", Purpose.BATCH, Optional.empty()));
                return batches.create(
                        new Batch.Order("", input.id().value(), "/v1/completions", Map.of(), Optional.empty()), input);
            }
        }

        private void await(Batch batch, BatchStatus status) {
            Eventually.check("it is " + status, () -> store.state(batch).status() == status);
        }

        private List<String> output(Batch batch) throws IOException {
            return lines(store.state(batch).output().orElseThrow().answers());
        }

        private List<String> lines(FileId file) throws IOException {
            return Files.readAllLines(files.content(files.find("", file).orElseThrow()));
        }

        @Override
        public boolean mayBegin(String owner, int underway) {
            return true;
        }

        @Override
        public String check(byte[] line, String endpoint) {
            return new String(line, StandardCharsets.UTF_8);
        }

        @Override
        public LineResult answer(byte[] line, Batch batch, CompletableFuture<Void> cancelled) {
            String text = new String(line, StandardCharsets.UTF_8);
            if (text.equals(poison)) {
                poisoned.release();
                throw new TandemException(ErrorCode.INTERNAL, null, "Nobody knows why.");
            }
            try {
                while (!open.tryAcquire(10, TimeUnit.MILLISECONDS)) {
                    if (cancelled.isDone()) {
                        throw new TandemException(ErrorCode.CANCELLED, null, "Nobody wants it.");
                    }
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw new TandemException(ErrorCode.CANCELLED, null, "The end.");
            }
            answered.add(text);
            return new LineResult(true, ("answer to " + text).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public LineResult givenUp(byte[] line, String code, String reason) {
            String text = "%s given up: %s %s".formatted(new String(line, StandardCharsets.UTF_8), code, reason);
            return new LineResult(false, text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void close() {
            batches.close();
            queue.close();
            courier.close();
            store.close();
            files.close();
        }
    }
}
