package io.tandem.engine.runner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.ops.KvPages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Pages of four tokens, shared by sequences that begin alike. */
class PagedSequenceTest {

    private static final int PAGE_TOKENS = 4;
    private static final int MAX_TOKENS = 100;

    private final CopiedPages storage = new CopiedPages();
    private final PagePool pool = new PagePool(12, PAGE_TOKENS);

    /** Remembers which pages were copied. */
    private static final class CopiedPages implements KvPages {
        private final List<List<Integer>> copies = new ArrayList<>();

        @Override
        public int pages() {
            return 12;
        }

        @Override
        public int pageTokens() {
            return PAGE_TOKENS;
        }

        @Override
        public void copy(int source, int destination) {
            copies.add(List.of(source, destination));
        }

        @Override
        public void close() {}
    }

    @Test
    void aForkSharesAllPagesAndCopiesOnlyTheLastOneThatIsWritten() {
        PagedSequence first = sequence(10);
        PagedSequence second = (PagedSequence) first.fork();
        assertEquals(10, second.length());
        assertEquals(9, pool.usage().free(), "three pages hold both");
        assertThrows(IllegalStateException.class, () -> second.advance(1), "it must make room first");
        assertTrue(second.reserve(1));
        second.advance(1);
        assertEquals(8, pool.usage().free());
        assertEquals(List.of(List.of(first.pageTable()[2], second.pageTable()[2])), storage.copies);
        assertArrayEquals(Arrays.copyOf(first.pageTable(), 2), Arrays.copyOf(second.pageTable(), 2));
        assertTrue(first.reserve(1));
        first.advance(1);
        assertEquals(1, storage.copies.size(), "the other one writes where it was");
        assertEquals(8, pool.usage().free());
        closed(first, second);
    }

    @Test
    void aForkAtTheEndOfAPageCopiesNothing() {
        PagedSequence first = sequence(8);
        PagedSequence second = (PagedSequence) first.fork();
        assertTrue(second.reserve(1));
        assertTrue(first.reserve(1));
        first.advance(1);
        second.advance(1);
        assertEquals(List.of(), storage.copies);
        assertEquals(8, pool.usage().free());
        closed(second, first);
    }

    @Test
    void withoutAFreePageForTheCopyNothingChanges() {
        PagedSequence first = sequence(6);
        PagedSequence second = (PagedSequence) first.fork();
        PagedSequence others = sequence(40);
        assertEquals(0, pool.usage().free());
        assertFalse(second.reserve(1));
        assertArrayEquals(Arrays.copyOf(first.pageTable(), 2), Arrays.copyOf(second.pageTable(), 2));
        others.close();
        assertTrue(second.reserve(1));
        closed(first, second);
    }

    @Test
    void pagesThatWereForgottenAreNotCopied() {
        PagedSequence first = sequence(10);
        PagedSequence second = (PagedSequence) first.fork();
        second.truncate(5);
        assertTrue(second.reserve(9));
        second.advance(9);
        assertEquals(List.of(List.of(first.pageTable()[1], second.pageTable()[1])), storage.copies);
        assertEquals(first.pageTable()[0], second.pageTable()[0]);
        assertEquals(12 - 3 - 3, pool.usage().free());
        closed(first, second);
    }

    /** Whatever is forked, written, forgotten and closed: no page has two writers, none is lost. */
    @Test
    void noTokenIsOverwrittenByAnother() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Contents contents = new Contents();
            PagePool pages = new PagePool(24, PAGE_TOKENS);
            List<PagedSequence> sequences = new ArrayList<>();
            List<List<Integer>> expected = new ArrayList<>();
            for (int round = 0; round < 60; round++) {
                int one = sequences.isEmpty() ? -1 : random.nextInt(sequences.size());
                switch (random.nextInt(4)) {
                    case 0 -> {
                        sequences.add(
                                one < 0
                                        ? new PagedSequence(pages, contents, MAX_TOKENS, List.of())
                                        : (PagedSequence) sequences.get(one).fork());
                        expected.add(new ArrayList<>(one < 0 ? List.of() : expected.get(one)));
                    }
                    case 1 -> {
                        if (one >= 0 && sequences.size() > 3) {
                            sequences.remove(one).close();
                            expected.remove(one);
                        }
                    }
                    default -> {
                        if (one >= 0) {
                            write(sequences.get(one), expected.get(one), contents, random);
                        }
                    }
                }
                pages.verify();
                for (int i = 0; i < sequences.size(); i++) {
                    assertEquals(expected.get(i), contents.read(sequences.get(i)), "seed " + seed + " round " + round);
                }
            }
            sequences.forEach(PagedSequence::close);
            assertEquals(24, pages.usage().free());
        }
    }

    private static void write(PagedSequence sequence, List<Integer> tokens, Contents contents, Random random) {
        if (random.nextInt(4) == 0) {
            sequence.truncate(random.nextInt(sequence.length() + 1));
            tokens.subList(sequence.length(), tokens.size()).clear();
        }
        int count = 1 + random.nextInt(6);
        if (sequence.reserve(count)) {
            for (int i = 0; i < count; i++) {
                int token = random.nextInt(1000);
                contents.write(sequence, sequence.length() + i, token);
                tokens.add(token);
            }
            sequence.advance(count);
        }
    }

    /** One number for every place of every page. */
    private static final class Contents implements KvPages {
        private final int[][] values = new int[24][PAGE_TOKENS];

        void write(PagedSequence sequence, int position, int value) {
            values[sequence.pageTable()[position / PAGE_TOKENS]][position % PAGE_TOKENS] = value;
        }

        List<Integer> read(PagedSequence sequence) {
            List<Integer> tokens = new ArrayList<>();
            for (int i = 0; i < sequence.length(); i++) {
                tokens.add(values[sequence.pageTable()[i / PAGE_TOKENS]][i % PAGE_TOKENS]);
            }
            return tokens;
        }

        @Override
        public int pages() {
            return values.length;
        }

        @Override
        public int pageTokens() {
            return PAGE_TOKENS;
        }

        @Override
        public void copy(int source, int destination) {
            values[destination] = values[source].clone();
        }

        @Override
        public void close() {}
    }

    private PagedSequence sequence(int tokens) {
        PagedSequence sequence = new PagedSequence(pool, storage, MAX_TOKENS, List.of());
        assertTrue(sequence.reserve(tokens));
        sequence.advance(tokens);
        return sequence;
    }

    private void closed(PagedSequence... sequences) {
        for (PagedSequence sequence : sequences) {
            pool.verify();
            sequence.close();
        }
        assertEquals(12, pool.usage().free());
        pool.verify();
    }
}
