package io.tandem.engine.cpu;

import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The decoder's own keys and values, a piece of native memory a page, taken when the page is first written.
 *
 * <p>Written and read by the thread that runs the decoder's steps, and by the pool's workers during its operations.
 */
final class CpuKvPages implements KvPages {

    private final CpuKv layout;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment[] pages;

    CpuKvPages(KvShape shape, int pages, int pageTokens) {
        if (pages < 1 || pageTokens < 1) {
            throw new IllegalArgumentException(
                    "there must be pages with tokens, got %d pages of %d".formatted(pages, pageTokens));
        }
        this.layout = new CpuKv(shape, pageTokens, Lanes.roundUp(pageTokens, Lanes.VIRTUAL));
        this.pages = new MemorySegment[pages];
    }

    static CpuKvPages of(KvPages pages) {
        if (pages instanceof CpuKvPages own) {
            return own;
        }
        throw new IllegalArgumentException("the pages were made by another backend: "
                + (pages == null ? "null" : pages.getClass().getName()));
    }

    CpuKv layout() {
        return layout;
    }

    /** Memory of a page that has been written. */
    MemorySegment page(int id) {
        Checks.index("page", id, pages.length);
        if (pages[id] == null) {
            throw new IllegalStateException("page " + id + " has never been written");
        }
        return pages[id];
    }

    void store(int layer, DecoderRows rows, CpuTensor k, CpuTensor v) {
        layout.check(layer, rows.count(), k, v);
        for (int row = 0; row < rows.count(); row++) {
            int position = rows.position(row);
            int id = rows.sequence(row).pageTable()[position / layout.tokens()];
            layout.store(writable(id), layer, position % layout.tokens(), k, v, row);
        }
    }

    private MemorySegment writable(int id) {
        Checks.index("page", id, pages.length);
        if (pages[id] == null) {
            pages[id] = HugePages.allocate(arena, layout.bytes());
        }
        return pages[id];
    }

    @Override
    public void copy(int source, int destination) {
        writable(destination).copyFrom(page(source));
    }

    @Override
    public int pages() {
        return pages.length;
    }

    @Override
    public int pageTokens() {
        return layout.tokens();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
