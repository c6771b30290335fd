package io.tandem.engine.runner;

import io.tandem.engine.model.Decoder;
import io.tandem.engine.model.Model;
import io.tandem.engine.ops.EncoderBlock;
import io.tandem.engine.ops.KvPages;
import java.util.ArrayList;
import java.util.List;

/** Runs decoder steps over pages that it hands out. Used by the thread that runs the steps, its memories by others too. */
final class ModelDecoderRunner implements DecoderRunner {

    private final Model model;
    private final ComputeTurns turns;
    private final Decoder decoder;
    private final PagePool pool;
    private final KvPages storage;
    private final List<StepBatch> steps = new ArrayList<>();

    ModelDecoderRunner(Model model, ComputeTurns turns, int pages, int pageTokens) {
        this.model = model;
        this.turns = turns;
        this.pool = new PagePool(pages, pageTokens);
        this.storage = model.newPages(pages, pageTokens);
        this.decoder = model.newDecoder(storage);
    }

    @Override
    public int hiddenSize() {
        return model.config().decoder().hiddenSize();
    }

    @Override
    public int vocabularySize() {
        return model.config().vocabSize();
    }

    @Override
    public int maxTokens() {
        return model.config().decoder().maxPositions();
    }

    @Override
    public int startToken() {
        return model.config().decoderStartToken();
    }

    @Override
    public long memoryBytesPerToken(MemoryForm form) {
        return switch (form) {
            case PROJECTED -> model.kvShape().bytesPerToken();
            case ABSORBED -> model.kvShape().stateBytesPerToken(hiddenSize());
        };
    }

    @Override
    public EncoderMemory memory(int tokens, MemoryForm form) {
        return BlockMemory.of(form, model, turns, tokens);
    }

    @Override
    public DecoderSequence sequence(List<EncoderMemory> memories) {
        List<EncoderBlock> blocks = new ArrayList<>();
        for (EncoderMemory memory : memories) {
            if (!memory.complete()) {
                throw new IllegalStateException("a memory of " + memory.tokens() + " tokens is not complete yet");
            }
            blocks.add(((BlockMemory) memory).block());
        }
        return new PagedSequence(pool, storage, maxTokens(), List.copyOf(blocks));
    }

    @Override
    public DecoderStep newStep() {
        StepBatch step = new StepBatch(model.ops(), vocabularySize());
        steps.add(step);
        return step;
    }

    @Override
    public void run(DecoderStep step) {
        if (step.entries() > 0) {
            try (ComputeTurns.Turn turn = turns.take(ComputeTurns.Role.DECODER)) {
                ((StepBatch) step).run(decoder);
            }
        }
    }

    @Override
    public PageUsage pages() {
        return pool.usage();
    }

    @Override
    public void verifyPages() {
        pool.verify();
    }

    @Override
    public void close() {
        steps.forEach(StepBatch::close);
        decoder.close();
    }
}
