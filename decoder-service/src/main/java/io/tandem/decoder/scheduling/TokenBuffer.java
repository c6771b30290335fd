package io.tandem.decoder.scheduling;

import io.tandem.engine.sampling.TokenLogprobs;

/**
 * The tokens of one output between the thread that chooses them and the thread that sends them: a bounded ring.
 *
 * <p>Written by the step thread, read by the request's thread, without locks.
 */
final class TokenBuffer {

    private final int[] ring;
    private final TokenLogprobs[] logprobs;
    private volatile long written;
    private volatile long read;

    TokenBuffer(int capacity) {
        ring = new int[capacity];
        logprobs = new TokenLogprobs[capacity];
    }

    /** Writer: tokens that would fit. */
    int room() {
        return ring.length - (int) (written - read);
    }

    /** Writer: whether the reader has caught up enough for a paused output to go on. */
    boolean halfEmpty() {
        return 2 * (written - read) <= ring.length;
    }

    /**
     * Writer: adds a token; there must be room.
     *
     * @param probable its log probabilities, or null
     */
    void put(int token, TokenLogprobs probable) {
        if (room() == 0) {
            throw new IllegalStateException("the token buffer is full");
        }
        ring[(int) (written % ring.length)] = token;
        logprobs[(int) (written % ring.length)] = probable;
        written = written + 1;
    }

    /** Reader: whether there is a token. */
    boolean isEmpty() {
        return written == read;
    }

    /** Reader: the log probabilities of the next token, or null; there must be one. */
    TokenLogprobs nextLogprobs() {
        requireToken();
        return logprobs[(int) (read % ring.length)];
    }

    /** Reader: the next token; there must be one. */
    int take() {
        requireToken();
        int token = ring[(int) (read % ring.length)];
        read = read + 1;
        return token;
    }

    private void requireToken() {
        if (isEmpty()) {
            throw new IllegalStateException("the token buffer is empty");
        }
    }
}
