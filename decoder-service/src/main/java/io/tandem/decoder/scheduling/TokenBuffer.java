package io.tandem.decoder.scheduling;

/**
 * The tokens of one output between the thread that chooses them and the thread that sends them: a bounded ring.
 *
 * <p>Written by the step thread, read by the request's thread, without locks.
 */
final class TokenBuffer {

    private final int[] ring;
    private volatile long written;
    private volatile long read;

    TokenBuffer(int capacity) {
        ring = new int[capacity];
    }

    /** Writer: tokens that would fit. */
    int room() {
        return ring.length - (int) (written - read);
    }

    /** Writer: whether the reader has caught up enough for a paused output to go on. */
    boolean halfEmpty() {
        return 2 * (written - read) <= ring.length;
    }

    /** Writer: adds a token; there must be room. */
    void put(int token) {
        if (room() == 0) {
            throw new IllegalStateException("the token buffer is full");
        }
        ring[(int) (written % ring.length)] = token;
        written = written + 1;
    }

    /** Reader: whether there is a token. */
    boolean isEmpty() {
        return written == read;
    }

    /** Reader: the next token; there must be one. */
    int take() {
        if (isEmpty()) {
            throw new IllegalStateException("the token buffer is empty");
        }
        int token = ring[(int) (read % ring.length)];
        read = read + 1;
        return token;
    }
}
