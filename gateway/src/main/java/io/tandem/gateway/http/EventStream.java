package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.metrics.GatewayMetrics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events with a bounded buffer: a sender waits for a slow reader, and a reader that is slower than allowed is cut
 * off. Silence is filled with comments from the beginning, so a request that waits long gets status 200 before its fate is
 * known; a failure is an event then. Thread-safe; {@link #send} blocks.
 */
final class EventStream implements AutoCloseable {

    private static final String KEEP_ALIVE = ": keep-alive\n\n";
    private final Exchange exchange;
    private final GatewayConfig.Stream settings;
    private final GatewayMetrics metrics;
    private final int bufferBytes;
    /** Bytes that may still be handed to the network. */
    private final Semaphore room;

    private volatile boolean closed;
    private volatile long keepAliveTimer;
    private volatile long lastWrite = System.nanoTime();

    EventStream(Exchange exchange, GatewayConfig.Stream settings, GatewayMetrics metrics) {
        this.exchange = exchange;
        this.settings = settings;
        this.metrics = metrics;
        this.bufferBytes = Math.toIntExact(settings.buffer().asLongValue());
        this.room = new Semaphore(bufferBytes);
        watchSilence(settings.keepAlive());
    }

    /**
     * Sends one event.
     *
     * @throws TandemException CANCELLED when the reader is gone or was cut off
     */
    void send(String data) {
        String event = event(data);
        int bytes = Math.min(bufferBytes, event.getBytes(StandardCharsets.UTF_8).length);
        try {
            if (!room.tryAcquire(bytes, settings.stallTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                metrics.slowReaderCut();
                exchange.abort();
                throw new TandemException(ErrorCode.CANCELLED, null, "The reader was too slow and was cut off.");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new TandemException(ErrorCode.CANCELLED, null, "The answer was interrupted.", stopped);
        }
        if (exchange.isGone()) {
            throw new TandemException(ErrorCode.CANCELLED, null, "The client went away.");
        }
        write(event, bytes);
    }

    /** Ends the stream as OpenAI's clients expect it. */
    void done() {
        send("[DONE]");
        exchange.end();
    }

    /** Ends the keep-alive, however the answer ended. */
    @Override
    public void close() {
        closed = true;
        exchange.cancelTimer(keepAliveTimer);
    }

    /** How a piece of data travels. */
    static String event(String data) {
        return "data: " + data + "\n\n";
    }

    /** Comes back when the silence will have been long enough, if nothing is sent until then. */
    private void watchSilence(Duration left) {
        keepAliveTimer = exchange.after(left, this::fillSilence);
    }

    private void fillSilence() {
        if (closed) {
            return;
        }
        Duration left = settings.keepAlive().minusNanos(System.nanoTime() - lastWrite);
        if (!left.isPositive()) {
            // A full buffer is no silence: the reader has something to read.
            if (room.tryAcquire(KEEP_ALIVE.length())) {
                write(KEEP_ALIVE, KEEP_ALIVE.length());
            }
            left = settings.keepAlive();
        }
        watchSilence(left);
    }

    private void write(String text, int bytes) {
        lastWrite = System.nanoTime();
        exchange.beginEvents();
        exchange.write(text).onComplete(written -> room.release(bytes));
    }
}
