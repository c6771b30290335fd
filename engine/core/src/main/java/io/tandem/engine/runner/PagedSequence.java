package io.tandem.engine.runner;

import io.tandem.engine.ops.EncoderBlock;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.SequenceKv;
import java.util.Arrays;
import java.util.List;

/** A sequence and the pages it has taken, or shares with those that began as it did. Mutable; used by the thread that runs the decoder's steps. */
final class PagedSequence implements DecoderSequence, SequenceKv {

    private final PagePool pool;
    private final KvPages storage;
    private final int maxTokens;
    private final List<EncoderBlock> encoderBlocks;
    private int[] pageTable = new int[4];
    private int pages;
    private int length;
    private boolean closed;

    PagedSequence(PagePool pool, KvPages storage, int maxTokens, List<EncoderBlock> encoderBlocks) {
        this.pool = pool;
        this.storage = storage;
        this.maxTokens = maxTokens;
        this.encoderBlocks = encoderBlocks;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public boolean reserve(int tokens) {
        int kept = keptPages();
        int more = Math.max(0, Math.ceilDiv(length + tokens, pool.pageTokens()) - pages);
        int needed = more + pages - kept;
        if (needed == 0) {
            return true;
        }
        if (pages + needed > pageTable.length) {
            pageTable = Arrays.copyOf(pageTable, Math.max(pages + needed, 2 * pageTable.length));
        }
        if (!pool.take(pageTable, pages, needed)) {
            return false;
        }
        // Those that came last are new ones behind all others, those before them take the places of shared ones.
        for (int page = kept; page < pages; page++) {
            replace(page, pageTable[pages + more + page - kept]);
        }
        pages += more;
        return true;
    }

    /**
     * Pages that stay as they are. From the first one that will be written and is shared on, all are replaced: behind it there is
     * hardly ever one, and what it holds are tokens that were forgotten.
     */
    private int keptPages() {
        int page = length / pool.pageTokens();
        while (page < pages && !pool.isShared(pageTable[page])) {
            page++;
        }
        return Math.min(page, pages);
    }

    private void replace(int page, int own) {
        if (page * pool.pageTokens() < length) {
            storage.copy(pageTable[page], own);
        }
        pool.giveBack(pageTable[page]);
        pageTable[page] = own;
    }

    @Override
    public DecoderSequence fork() {
        if (closed) {
            throw new IllegalStateException("the sequence is closed");
        }
        PagedSequence fork = new PagedSequence(pool, storage, maxTokens, encoderBlocks);
        fork.pages = Math.ceilDiv(length, pool.pageTokens());
        fork.pageTable = Arrays.copyOf(pageTable, Math.max(fork.pageTable.length, fork.pages));
        fork.length = length;
        pool.share(fork.pageTable, fork.pages);
        return fork;
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
        if (tokens > 0 && pool.isShared(pageTable[length / pool.pageTokens()])) {
            throw new IllegalStateException("the page of token " + length + " is shared; reserve room before");
        }
        length += tokens;
    }

    @Override
    public int[] pageTable() {
        return pageTable;
    }

    @Override
    public List<EncoderBlock> encoderBlocks() {
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
