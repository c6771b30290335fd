package io.tandem.decoder;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.MemoryForm;
import io.tandem.engine.runner.PageUsage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs {@link FakeModel} over real pages: what a sequence has read lies in them, so a page that two sequences write comes
 * out as wrong tokens. Refuses what the interfaces forbid.
 */
public final class FakeDecoderRunner implements DecoderRunner {

    public static final int BYTES_PER_TOKEN = 8;

    /** Bytes that a token takes where states are kept as they are. */
    public static final long ABSORBED_BYTES_PER_TOKEN = 2;

    /** Sees a step before it is run; may throw. */
    public interface StepHook {
        void before(List<FakeSequence> sequences, int[] counts);
    }

    private final int vocabulary;
    private final int maxTokens;
    private final int pageTokens;
    private final int[][] pages;
    private final int[] holders;
    private volatile int forks;
    private final Deque<Integer> free = new ArrayDeque<>();
    private final AtomicInteger openMemories = new AtomicInteger();
    private volatile StepHook hook = (sequences, counts) -> {};

    public FakeDecoderRunner(int vocabulary, int maxTokens, int pages, int pageTokens) {
        this.vocabulary = vocabulary;
        this.maxTokens = maxTokens;
        this.pageTokens = pageTokens;
        this.pages = new int[pages][pageTokens];
        this.holders = new int[pages];
        for (int page = 0; page < pages; page++) {
            free.add(page);
        }
    }

    /** Sets what happens before each step. */
    public void beforeStep(StepHook hook) {
        this.hook = hook;
    }

    /** Sequences that began as another one. */
    public int forks() {
        return forks;
    }

    /** Memories that are not closed. */
    public int openMemories() {
        return openMemories.get();
    }

    @Override
    public int hiddenSize() {
        return FakeModel.HIDDEN_SIZE;
    }

    @Override
    public int vocabularySize() {
        return vocabulary;
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public int startToken() {
        return FakeModel.START_TOKEN;
    }

    @Override
    public long memoryBytesPerToken(MemoryForm form) {
        return switch (form) {
            case PROJECTED -> BYTES_PER_TOKEN;
            case ABSORBED -> ABSORBED_BYTES_PER_TOKEN;
        };
    }

    @Override
    public EncoderMemory memory(int tokens, MemoryForm form) {
        return new FakeMemory(tokens, form, openMemories);
    }

    @Override
    public DecoderSequence sequence(List<EncoderMemory> memories) {
        return new FakeSequence(memories.stream().map(FakeMemory.class::cast).toList());
    }

    @Override
    public DecoderStep newStep() {
        return new FakeStep();
    }

    @Override
    public void run(DecoderStep step) {
        ((FakeStep) step).run();
    }

    @Override
    public PageUsage pages() {
        return new PageUsage(free.size(), pages.length, pageTokens);
    }

    @Override
    public void verifyPages() {
        if (free.stream().distinct().count() != free.size()) {
            throw new IllegalStateException("a page is free twice: " + free);
        }
    }

    @Override
    public void close() {}

    private void giveBack(int page) {
        if (--holders[page] == 0) {
            Arrays.fill(pages[page], -1);
            free.add(page);
        }
    }

    /** A sequence that reads its tokens back from its pages. */
    public final class FakeSequence implements DecoderSequence {

        private final List<FakeMemory> memories;
        private final List<Integer> table = new ArrayList<>();
        private int length;
        private boolean closed;

        private FakeSequence(List<FakeMemory> memories) {
            this.memories = memories;
        }

        /** The memories it attends to. */
        public List<FakeMemory> memories() {
            return memories;
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public boolean reserve(int tokens) {
            requireOpen();
            int missing = Math.ceilDiv(length + tokens, pageTokens) - table.size();
            int written = length / pageTokens;
            boolean copies = written < table.size() && holders[table.get(written)] > 1;
            if (Math.max(0, missing) + (copies ? 1 : 0) > free.size()) {
                return false;
            }
            if (copies) {
                int shared = table.get(written);
                table.set(written, take());
                pages[table.get(written)] = pages[shared].clone();
                giveBack(shared);
            }
            for (int i = 0; i < missing; i++) {
                table.add(take());
            }
            return true;
        }

        private int take() {
            int page = free.remove();
            holders[page] = 1;
            return page;
        }

        @Override
        public DecoderSequence fork() {
            requireOpen();
            FakeSequence fork = new FakeSequence(memories);
            fork.table.addAll(table.subList(0, Math.ceilDiv(length, pageTokens)));
            fork.table.forEach(page -> holders[page]++);
            fork.length = length;
            forks++;
            return fork;
        }

        @Override
        public void truncate(int remaining) {
            requireOpen();
            if (remaining < 0 || remaining > length) {
                throw new IllegalArgumentException("a sequence of " + length + " tokens has no " + remaining);
            }
            for (int i = remaining; i < length; i++) {
                pages[table.get(i / pageTokens)][i % pageTokens] = -1;
            }
            length = remaining;
        }

        @Override
        public void close() {
            requireOpen();
            closed = true;
            table.forEach(FakeDecoderRunner.this::giveBack);
        }

        private void store(int token) {
            requireOpen();
            if (length == Math.min(maxTokens, table.size() * pageTokens)) {
                throw new IllegalStateException("no room for token " + length);
            }
            if (holders[table.get(length / pageTokens)] > 1) {
                throw new IllegalStateException("token " + length + " would be written to a page that others read");
            }
            pages[table.get(length / pageTokens)][length % pageTokens] = token;
            length++;
        }

        private long seen(int tokens) {
            long seen = FakeModel.begin(memories.stream().map(FakeMemory::hash).toList());
            for (int i = 0; i < tokens; i++) {
                seen = FakeModel.read(seen, pages[table.get(i / pageTokens)][i % pageTokens]);
            }
            return seen;
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException("the sequence is closed");
            }
        }
    }

    private final class FakeStep implements DecoderStep {

        private final List<FakeSequence> sequences = new ArrayList<>();
        private final List<Integer> counts = new ArrayList<>();
        private final List<Asked> asked = new ArrayList<>();
        private float[][][] logits = new float[0][][]; // [entry][prediction][vocabulary]

        @Override
        public void clear() {
            sequences.clear();
            counts.clear();
            asked.clear();
        }

        @Override
        public void add(DecoderSequence sequence, int[] tokens, int offset, int count, Asked wanted) {
            FakeSequence fake = (FakeSequence) sequence;
            if (count < 1 || wanted.predictions() > count || sequences.contains(fake)) {
                throw new IllegalArgumentException(count + " tokens, " + wanted + ", or the second time in a step");
            }
            for (int i = offset; i < offset + count; i++) {
                fake.store(tokens[i]);
            }
            sequences.add(fake);
            counts.add(count);
            asked.add(wanted);
        }

        @Override
        public int entries() {
            return sequences.size();
        }

        @Override
        public int rows() {
            return counts.stream().mapToInt(Integer::intValue).sum();
        }

        @Override
        public int argmax(int entry, int prediction) {
            int best = 0;
            for (int id = 1; id < vocabulary; id++) {
                best = logits[entry][prediction][id] > logits[entry][prediction][best] ? id : best;
            }
            return best;
        }

        @Override
        public void logits(int entry, int prediction, float[] destination) {
            if (!asked.get(entry).distribution()) {
                throw new IllegalStateException("entry " + entry + " did not ask for distributions");
            }
            System.arraycopy(logits[entry][prediction], 0, destination, 0, vocabulary);
        }

        private void run() {
            hook.before(
                    List.copyOf(sequences),
                    counts.stream().mapToInt(Integer::intValue).toArray());
            logits = new float[sequences.size()][][];
            for (int entry = 0; entry < sequences.size(); entry++) {
                int predictions = asked.get(entry).predictions();
                FakeSequence sequence = sequences.get(entry);
                logits[entry] = new float[predictions][vocabulary];
                for (int i = 0; i < predictions; i++) {
                    FakeModel.logits(
                            sequence.seen(sequence.length - predictions + 1 + i), logits[entry][i], vocabulary);
                }
            }
        }
    }
}
