package io.tandem.engine.runner;

import io.tandem.engine.model.EncoderProjection;
import io.tandem.engine.model.Model;
import io.tandem.engine.ops.KvBlock;

/** A segment's keys and values, and while it is being filled what fills it. Filled by one thread, then only read. */
final class ProjectedMemory implements EncoderMemory {

    private final KvBlock block;
    private final EncoderProjection projection;
    private volatile int appended;

    ProjectedMemory(Model model, int tokens) {
        this.block = model.newBlock(tokens);
        this.projection = model.newProjection();
    }

    KvBlock block() {
        return block;
    }

    @Override
    public int tokens() {
        return block.capacity();
    }

    @Override
    public long bytes() {
        return block.bytes();
    }

    @Override
    public void append(float[] states, int rows) {
        int first = appended;
        if (rows < 1 || rows > tokens() - first) {
            throw new IllegalArgumentException(
                    "%d rows after %d do not fit a segment of %d tokens".formatted(rows, first, tokens()));
        }
        projection.append(block, first, states, rows);
        appended = first + rows;
        if (complete()) {
            projection.close();
        }
    }

    @Override
    public boolean complete() {
        return appended == tokens();
    }

    @Override
    public void close() {
        projection.close();
        block.close();
    }
}
