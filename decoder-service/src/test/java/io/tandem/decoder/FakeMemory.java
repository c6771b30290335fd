package io.tandem.decoder;

import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.MemoryForm;
import java.util.concurrent.atomic.AtomicInteger;

/** An encoder memory that keeps a hash of its states. Filled by one thread, read by the step thread once complete. */
public final class FakeMemory implements EncoderMemory {

    private final int tokens;
    private final MemoryForm form;
    private final AtomicInteger open;
    private long hash = FakeModel.emptyMemory();
    private volatile int appended;
    private volatile boolean closed;

    /** @param open counts the memories that are not closed */
    FakeMemory(int tokens, MemoryForm form, AtomicInteger open) {
        this.tokens = tokens;
        this.form = form;
        this.open = open;
        open.incrementAndGet();
    }

    /** A complete memory whose states are all the same number. */
    public static FakeMemory of(int tokens, float state) {
        FakeMemory memory = new FakeMemory(tokens, MemoryForm.PROJECTED, new AtomicInteger());
        memory.append(FakeStateStore.state(tokens, state), tokens);
        return memory;
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public long bytes() {
        return tokens
                * switch (form) {
                    case PROJECTED -> FakeDecoderRunner.BYTES_PER_TOKEN;
                    case ABSORBED -> FakeDecoderRunner.ABSORBED_BYTES_PER_TOKEN;
                };
    }

    /** As it was asked for. */
    public MemoryForm form() {
        return form;
    }

    @Override
    public void append(float[] states, int rows) {
        requireOpen();
        for (int i = 0; i < rows * FakeModel.HIDDEN_SIZE; i++) {
            hash = FakeModel.append(hash, states[i]);
        }
        appended += rows;
    }

    @Override
    public boolean complete() {
        return appended == tokens;
    }

    @Override
    public void close() {
        requireOpen();
        closed = true;
        open.decrementAndGet();
    }

    /** What it holds. */
    public long hash() {
        requireOpen();
        if (!complete()) {
            throw new IllegalStateException("read before it was complete");
        }
        return hash;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the memory is closed");
        }
    }
}
