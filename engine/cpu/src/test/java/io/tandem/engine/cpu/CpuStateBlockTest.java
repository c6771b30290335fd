package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.checkpoint.RandomWeights;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.config.ModelShapes;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.SequenceKv;
import io.tandem.engine.ops.StateBlock;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.MemoryForm;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuStateBlockTest {

    private static final KvShape SHAPE = new KvShape(2, 1, 8);

    private record Sequence(int[] pageTable, List<StateBlock> encoderBlocks) implements SequenceKv {}

    @Test
    void isFilledFromTheFrontAndReadWhenItIsFull() {
        try (Ops ops = new CpuOps(1);
                StateBlock block = ops.stateBlock(SHAPE, 16, 5);
                KvPages pages = ops.kvPages(SHAPE, 2, 4);
                Tensor three = ops.tensor(3, 16);
                Tensor k = ops.tensor(3, 8);
                Tensor one = ops.tensor(1, 8)) {
            assertEquals(5, block.capacity());
            ops.appendStates(block, 0, three);
            assertThrows(IllegalArgumentException.class, () -> ops.appendStates(block, 2, three));
            assertThrows(IllegalArgumentException.class, () -> ops.appendStates(block, 3, three));
            assertThrows(IllegalArgumentException.class, () -> ops.appendStates(block, 3, k));
            ops.appendKeyScales(block, 0, 0, k, 1e-6f);
            assertThrows(IllegalArgumentException.class, () -> ops.appendKeyScales(block, 0, 4, k, 1e-6f));
            assertThrows(IllegalArgumentException.class, () -> ops.appendKeyScales(block, 0, 3, k, 1e-6f));
            assertThrows(IllegalArgumentException.class, () -> ops.appendKeyScales(block, 2, 0, k, 1e-6f));

            DecoderRows rows = new DecoderRows();
            rows.add(new Sequence(new int[] {1}, List.of(block)), 0);
            ops.storeSelf(pages, 0, rows, one, one);
            MergedAttention bare = new MergedAttention(0, new AttentionShape(1, 1, 8, 1), 4, pages);
            assertThrows(IllegalArgumentException.class, () -> ops.mergedAttention(bare, rows, one, one));
        }
    }

    @Test
    void unfinishedMemoriesAreNotRead() {
        ModelConfig config = ModelConfig.read(GoldenCases.folder("text-sliding"));
        try (Engine engine = load(config);
                DecoderRunner decoder = engine.newDecoderRunner(4, 4);
                EncoderMemory memory = decoder.memory(3, MemoryForm.ABSORBED)) {
            memory.append(new float[2 * decoder.hiddenSize()], 2);
            assertThrows(IllegalStateException.class, () -> decoder.sequence(List.of(memory)));
            assertThrows(IllegalArgumentException.class, () -> memory.append(new float[2 * decoder.hiddenSize()], 2));
        }
    }

    /** A state and one number for each layer and key/value head: 2.6 KB a token where keys and values take 36 KB. */
    @Test
    void takesAStateAndOneNumberALayerAndHead() {
        KvShape shape = new KvShape(18, 1, 256); // 270M
        assertEquals(ModelShapes.named("270m", false).decoder().layers(), shape.layers());
        int tokens = 1000;
        try (Ops ops = new CpuOps(1);
                StateBlock block = ops.stateBlock(shape, 640, tokens)) {
            assertEquals(4L * tokens * (640 + 18), block.bytes());
            assertEquals(tokens * shape.stateBytesPerToken(640), block.bytes());
            assertEquals(36_864, shape.bytesPerToken());
            assertEquals(2_632, shape.stateBytesPerToken(640));
        }
    }

    @Test
    void memoryReportsWhatTheRunnerPromises() {
        ModelConfig config = ModelConfig.read(GoldenCases.folder("text-sliding"));
        try (Engine engine = load(config);
                DecoderRunner decoder = engine.newDecoderRunner(4, 4);
                EncoderMemory memory = decoder.memory(40, MemoryForm.ABSORBED)) {
            assertEquals(40 * decoder.memoryBytesPerToken(MemoryForm.ABSORBED), memory.bytes());
        }
    }

    @Test
    void closingTwiceIsHarmless() {
        try (Ops ops = new CpuOps(1)) {
            StateBlock block = ops.stateBlock(SHAPE, 16, 100_000);
            block.close();
            block.close();
        }
    }

    private static Engine load(ModelConfig config) {
        return Engine.load(RandomWeights.of(config, 7), new CpuOps(1), EnumSet.of(Part.DECODER), LoadProgress.SILENT);
    }
}
