package io.tandem.hub;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/** One answer with a file's content or a range of it, right or wrong in the way that was asked for. */
final class ContentAnswer {

    private static final int MISSING = 10;

    private final HttpExchange exchange;
    private final byte[] content;
    private final Fault fault;
    private final CountDownLatch closing;

    /**
     * @param fault or null
     * @param closing ends a stalled answer
     */
    ContentAnswer(HttpExchange exchange, byte[] content, Fault fault, CountDownLatch closing) {
        this.exchange = exchange;
        this.fault = fault;
        this.content = isFault(Fault.Kind.TOO_SHORT) ? Arrays.copyOf(content, content.length - MISSING) : content;
        this.closing = closing;
    }

    void send() throws IOException {
        int from = isFault(Fault.Kind.IGNORE_RANGE) ? 0 : from();
        if (from >= content.length && from > 0) {
            exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
            exchange.sendResponseHeaders(416, -1);
            exchange.close();
            return;
        }
        if (isFault(Fault.Kind.WRONG_RANGE)) {
            from = Math.max(0, from - 1);
        }
        byte[] sent = content.clone();
        if (isFault(Fault.Kind.CORRUPT)) {
            sent[sent.length - 1] ^= 1;
        }
        boolean ranged = exchange.getRequestHeaders().containsKey("Range") && !isFault(Fault.Kind.IGNORE_RANGE);
        if (ranged) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        int extra = isFault(Fault.Kind.TOO_LONG) ? 10 : 0;
        exchange.sendResponseHeaders(ranged ? 206 : 200, sent.length - from + extra);
        OutputStream out = exchange.getResponseBody();
        if (isFault(Fault.Kind.CUT) || isFault(Fault.Kind.STALL)) {
            out.write(sent, from, (int) Math.min(fault.bytes(), sent.length - from));
            out.flush();
            breakOff();
        }
        out.write(sent, from, sent.length - from);
        out.write(new byte[extra]);
        exchange.close();
    }

    /** An exception closes the connection before the announced length is reached. */
    private void breakOff() throws IOException {
        if (isFault(Fault.Kind.STALL)) {
            try {
                closing.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        throw new IOException("cut off on purpose");
    }

    private int from() {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    }

    private boolean isFault(Fault.Kind kind) {
        return fault != null && fault.kind() == kind;
    }
}
