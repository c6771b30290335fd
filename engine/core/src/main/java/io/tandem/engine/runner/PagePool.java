package io.tandem.engine.runner;

import java.util.BitSet;

/**
 * Says which pages are free, and how many hold each of the others: the policy beside {@link io.tandem.engine.ops.KvPages}, which
 * has the bytes.
 *
 * <p>Taken from and given back to by the thread that runs the decoder's steps; any thread may look.
 */
final class PagePool {

    private final int pageTokens;
    private final int[] free;
    private final int[] holders; // [pages]
    private int freeCount;

    PagePool(int pages, int pageTokens) {
        if (pages < 1 || pageTokens < 1) {
            throw new IllegalArgumentException(
                    "a pool needs pages and tokens a page, not " + pages + " and " + pageTokens);
        }
        this.pageTokens = pageTokens;
        this.free = new int[pages];
        this.holders = new int[pages];
        for (int page = 0; page < pages; page++) {
            free[page] = pages - 1 - page;
        }
        this.freeCount = pages;
    }

    int pageTokens() {
        return pageTokens;
    }

    /**
     * Takes pages.
     *
     * @param destination receives the ids from {@code offset} on
     * @return false, with nothing taken, if fewer than {@code count} are free
     */
    synchronized boolean take(int[] destination, int offset, int count) {
        if (count > freeCount) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            int page = free[--freeCount];
            holders[page] = 1;
            destination[offset + i] = page;
        }
        return true;
    }

    /**
     * Counts one more holder of the first {@code count} pages of a table.
     *
     * @throws IllegalStateException if one of them was not taken
     */
    synchronized void share(int[] pages, int count) {
        for (int i = 0; i < count; i++) {
            requireTaken(pages[i]);
            holders[pages[i]]++;
        }
    }

    /** Whether a page has several holders: then none of them may write it. */
    synchronized boolean isShared(int page) {
        return holders[page] > 1;
    }

    /**
     * Takes back the first {@code count} pages of a table; those that nobody else holds are free then.
     *
     * @throws IllegalStateException if one of them was not taken
     */
    synchronized void giveBack(int[] pages, int count) {
        for (int i = 0; i < count; i++) {
            giveBack(pages[i]);
        }
    }

    /** Takes back one page. */
    synchronized void giveBack(int page) {
        requireTaken(page);
        if (--holders[page] == 0) {
            free[freeCount++] = page;
        }
    }

    private void requireTaken(int page) {
        if (holders[page] == 0) {
            throw new IllegalStateException("page " + page + " is free: it was given back too often");
        }
    }

    synchronized PageUsage usage() {
        return new PageUsage(freeCount, free.length, pageTokens);
    }

    /**
     * Checks that every page is either free, once, or taken.
     *
     * @throws IllegalStateException naming the first page that isn't
     */
    synchronized void verify() {
        BitSet seen = new BitSet(holders.length);
        for (int page = 0; page < holders.length; page++) {
            seen.set(page, holders[page] > 0);
        }
        for (int i = 0; i < freeCount; i++) {
            if (seen.get(free[i])) {
                throw new IllegalStateException("page " + free[i] + " is free and taken, or free twice");
            }
            seen.set(free[i]);
        }
        if (seen.cardinality() != free.length) {
            throw new IllegalStateException("page " + seen.nextClearBit(0) + " is neither free nor taken");
        }
    }
}
