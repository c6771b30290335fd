package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.sampling.TokenLogprobs;
import java.util.List;

/**
 * One output as its request and the step thread share it: tokens come out of it, and either side can end it.
 *
 * <p>The public methods are for the request's thread, but for {@link #leave}, which is for any; the others are for the
 * step thread.
 */
public final class Generation {

    private final List<EncoderMemory> memories;
    private final GenerationRequest request;
    private final TokenBuffer tokens;
    private final Signal toRequest;
    private final Signal toScheduler;

    private volatile boolean leaving;
    private volatile boolean paused;
    private volatile long startNanos;
    private volatile boolean started;
    private volatile Outcome outcome;

    Generation(
            List<EncoderMemory> memories,
            GenerationRequest request,
            TokenBuffer tokens,
            Signal toRequest,
            Signal toScheduler) {
        this.memories = memories;
        this.request = request;
        this.tokens = tokens;
        this.toRequest = toRequest;
        this.toScheduler = toScheduler;
    }

    /** Whether it has had a place in the batch. */
    public boolean started() {
        return started;
    }

    /** {@link System#nanoTime} when it got its place; once {@link #started}. */
    public long startNanos() {
        return startNanos;
    }

    /** Whether a token can be taken. */
    public boolean hasToken() {
        return !tokens.isEmpty();
    }

    /** The log probabilities of the next token, or null if the request wants none; there must be a token. */
    public TokenLogprobs nextLogprobs() {
        return tokens.nextLogprobs();
    }

    /** The next token of the output; there must be one. */
    public int takeToken() {
        int token = tokens.take();
        // The step thread looks at the buffer after it has set the flag, so one of the two sees the other.
        if (paused) {
            toScheduler.raise();
        }
        return token;
    }

    /** How it ended, once it has given up its memories and pages; null until then. Tokens may be left to take. */
    public Outcome outcome() {
        return outcome;
    }

    /** Asks the step thread to drop it, which it does before its next step. */
    public void leave() {
        leaving = true;
        toScheduler.raise();
    }

    /** Leaves, and waits until the memories are no longer read. */
    public void leaveAndAwait() {
        leave();
        while (outcome == null) {
            toRequest.await();
        }
    }

    List<EncoderMemory> memories() {
        return memories;
    }

    GenerationRequest request() {
        return request;
    }

    boolean leaving() {
        return leaving;
    }

    /** Tokens that can be emitted before its client takes some. */
    int room() {
        return tokens.room();
    }

    /** Whether a paused output may go on. */
    boolean caughtUp() {
        return tokens.halfEmpty();
    }

    void pause(boolean now) {
        paused = now;
    }

    void start() {
        if (!started) {
            startNanos = System.nanoTime();
            started = true;
            toRequest.raise();
        }
    }

    void emit(int token, TokenLogprobs logprobs) {
        tokens.put(token, logprobs);
        toRequest.raise();
    }

    void end(Outcome how) {
        outcome = how;
        toRequest.raise();
        // What it gave back may be what another one waits for.
        toScheduler.raise();
    }
}
