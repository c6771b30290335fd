package io.tandem.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Couriers on a real broker, in this process. */
class CourierTest {

    private static final long PATIENCE_SECONDS = 30;
    private static final String QUEUE = "work";

    private final Vertx vertx = Vertx.vertx();
    private final EmbeddedBroker broker = new EmbeddedBroker();
    private final Courier courier = courier();

    private Courier courier() {
        return new Courier(
                vertx,
                () -> {
                    broker.start();
                    return broker.address();
                },
                Duration.ofMillis(100));
    }

    @BeforeEach
    void start() {
        broker.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        courier.close();
        CountDownLatch closed = new CountDownLatch(1);
        vertx.close().onComplete(done -> closed.countDown());
        closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        broker.close();
    }

    @Test
    void messagesArriveWithWhatStandsBesideThem() throws InterruptedException {
        BlockingQueue<Letter> letters = receive(courier, 1);
        courier.send(QUEUE, "text", Map.of("traceparent", "00-1-2-01"));
        Letter letter = next(letters);
        assertEquals("text", letter.text());
        assertEquals("00-1-2-01", letter.properties().get("traceparent"));
        assertEquals(0, letter.failures());
        letter.accept();
    }

    @Test
    void aReceiverHoldsNoMoreThanItsSlots() throws InterruptedException {
        BlockingQueue<Letter> slow = receive(courier, 2);
        for (int i = 0; i < 10; i++) {
            courier.send(QUEUE, Integer.toString(i), Map.of());
        }
        Letter first = next(slow);
        Letter second = next(slow);
        assertNull(slow.poll(300, TimeUnit.MILLISECONDS));
        assertEquals(2, broker.delivering(QUEUE));
        // The other eight are there for whoever has room.
        try (Courier other = courier()) {
            BlockingQueue<Letter> quick = receive(other, 3);
            Set<String> texts = new HashSet<>(Set.of(first.text(), second.text()));
            for (int i = 0; i < 8; i++) {
                Letter letter = next(quick);
                texts.add(letter.text());
                letter.accept();
            }
            assertEquals(10, texts.size());
        }
        first.accept();
        second.accept();
    }

    @Test
    void whatFailsComesAgainAndIsCountedUntilTheBrokerGivesItUp() throws InterruptedException {
        BlockingQueue<Letter> letters = receive(courier, 1);
        courier.send(QUEUE, "poison", Map.of());
        for (int failures = 0; failures < 5; failures++) {
            Letter letter = next(letters);
            assertEquals(failures, letter.failures());
            letter.fail();
        }
        BlockingQueue<Letter> dead = new LinkedBlockingQueue<>();
        courier.receive("undeliverable" + Courier.DEAD, 1, dead::add);
        assertEquals("poison", next(dead).text());
    }

    @Test
    void whatIsReleasedDoesNotCount() throws InterruptedException {
        BlockingQueue<Letter> letters = receive(courier, 1);
        courier.send(QUEUE, "text", Map.of());
        next(letters).release();
        Letter again = next(letters);
        assertEquals(0, again.failures());
        again.accept();
    }

    @Test
    void aBrokerThatComesBackIsFoundAgain() throws InterruptedException {
        BlockingQueue<Letter> letters = receive(courier, 1);
        courier.send(QUEUE, "before", Map.of());
        next(letters).accept();
        assertFalse(courier.isOutage());
        CountDownLatch back = new CountDownLatch(1);
        courier.onConnect(back::countDown);
        broker.close();
        courier.send(QUEUE, "after", Map.of());
        assertTrue(back.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertFalse(courier.isOutage());
        courier.send(QUEUE, "later", Map.of());
        Letter letter = next(letters);
        letter.accept();
        if (letter.text().equals("after")) {
            assertEquals("later", next(letters).text());
        } else {
            assertEquals("later", letter.text());
        }
    }

    @Test
    void thatNoBrokerCanBeReachedIsSeen() throws InterruptedException {
        CountDownLatch attempts = new CountDownLatch(2);
        BrokerAddress nobody = BrokerAddress.of("amqp://127.0.0.1:1", Optional.empty(), Optional.empty());
        try (Courier lost = new Courier(
                vertx,
                () -> {
                    attempts.countDown();
                    return nobody;
                },
                Duration.ofMillis(10))) {
            assertFalse(lost.isOutage(), "nobody has asked for anything");
            lost.send(QUEUE, "text", Map.of());
            assertTrue(attempts.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(lost.isOutage(), "the first attempt has failed");
        }
    }

    @Test
    void whatIsOfUseForAWhileIsForgottenAfterIt() throws InterruptedException {
        courier.send(QUEUE, "outdated", Map.of(), Duration.ofMillis(1));
        courier.send("marker", "sent after it", Map.of());
        BlockingQueue<Letter> markers = new LinkedBlockingQueue<>();
        courier.receive("marker", 1, markers::add);
        next(markers).accept();
        courier.send(QUEUE, "in time", Map.of(), Duration.ofMinutes(5));
        Letter letter = next(receive(courier, 1));
        assertEquals("in time", letter.text());
        letter.accept();
    }

    @Test
    void addressesAreCheckedAtOnce() {
        assertEquals(
                5671,
                BrokerAddress.of("amqps://broker", Optional.empty(), Optional.empty())
                        .port());
        assertThrows(
                IllegalArgumentException.class,
                () -> BrokerAddress.of("tcp://broker:1", Optional.empty(), Optional.empty()));
    }

    private static BlockingQueue<Letter> receive(Courier courier, int slots) {
        BlockingQueue<Letter> letters = new LinkedBlockingQueue<>();
        courier.receive(QUEUE, slots, letters::add);
        return letters;
    }

    private static Letter next(BlockingQueue<Letter> letters) throws InterruptedException {
        Letter letter = letters.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(letter, "nothing came");
        return letter;
    }
}
