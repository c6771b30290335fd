package io.tandem.engine.runner;

import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.SequenceKv;
import java.util.Arrays;
import java.util.List;

/** A sequence and the pages it has taken. Mutable; used by the thread that runs the decoder's steps. */
final class PagedSequence implements DecoderSequence, SequenceKv {

    private final PagePool pool;
    private final int maxTokens;
    private final List<KvBlock> encoderBlocks;
    private int[] pageTable = new int[4];
    private int pages;
    private int length;
    private boolean closed;

    PagedSequence(PagePool pool, int maxTokens, List<KvBlock> encoderBlocks) {
        this.pool = pool;
        this.maxTokens = maxTokens;
        this.encoderBlocks = encoderBlocks;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public boolean reserve(int tokens) {
        int needed = Math.ceilDiv(length + tokens, pool.pageTokens()) - pages;
        if (needed <= 0) {
            return true;
        }
        if (pages + needed > pageTable.length) {
            pageTable = Arrays.copyOf(pageTable, Math.max(pages + needed, 2 * pageTable.length));
        }
        if (!pool.take(pageTable, pages, needed)) {
            return false;
        }
        pages += needed;
        return true;
    }

    @Override
    public void truncate(int remaining) {
        if (remaining < 0 || remaining > length) {
            throw new IllegalArgumentException("a sequence of " + length + " tokens has no " + remaining + " to keep");
        }
        length = remaining;
    }

    /** Counts tokens that are about to be stored. */
    void advance(int tokens) {
        if (closed || length + tokens > Math.min(maxTokens, pages * pool.pageTokens())) {
            throw new IllegalStateException("no room for %d tokens after %d: %d pages of %d tokens, at most %d tokens%s"
                    .formatted(tokens, length, pages, pool.pageTokens(), maxTokens, closed ? ", closed" : ""));
        }
        length += tokens;
    }

    @Override
    public int[] pageTable() {
        return pageTable;
    }

    @Override
    public List<KvBlock> encoderBlocks() {
        return encoderBlocks;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pool.giveBack(pageTable, pages);
            pages = 0;
        }
    }
}
