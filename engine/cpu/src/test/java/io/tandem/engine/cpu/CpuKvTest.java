package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.SequenceKv;
import io.tandem.engine.ops.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuKvTest {

    private static final KvShape SHAPE = new KvShape(2, 1, 8);

    private record Sequence(int[] pageTable, List<KvBlock> encoderBlocks) implements SequenceKv {}

    @Test
    void blockIsFilledFromTheFrontAndReadWhenItIsFull() {
        try (Ops ops = new CpuOps(1);
                KvBlock block = ops.kvBlock(SHAPE, 5);
                KvPages pages = ops.kvPages(SHAPE, 2, 4);
                Tensor k = ops.tensor(3, 8);
                Tensor one = ops.tensor(1, 8)) {
            assertEquals(5, block.capacity());
            assertTrue(block.bytes() >= 5 * SHAPE.bytesPerToken());
            ops.appendEncoder(block, 0, 0, k, k);
            assertThrows(IllegalArgumentException.class, () -> ops.appendEncoder(block, 0, 4, one, one));
            assertThrows(IllegalArgumentException.class, () -> ops.appendEncoder(block, 0, 3, k, k));
            assertThrows(IllegalArgumentException.class, () -> ops.appendEncoder(block, 2, 0, k, k));

            DecoderRows rows = new DecoderRows();
            rows.add(new Sequence(new int[] {1}, List.of(block)), 0);
            ops.storeSelf(pages, 0, rows, one, one);
            MergedAttention attention = new MergedAttention(0, new AttentionShape(1, 1, 8, 1), 4, pages);
            assertThrows(IllegalStateException.class, () -> ops.mergedAttention(attention, rows, one, one));
        }
    }

    @Test
    void pagesNeverWrittenAreNotRead() {
        try (Ops ops = new CpuOps(1);
                KvPages pages = ops.kvPages(SHAPE, 2, 4);
                Tensor one = ops.tensor(1, 8)) {
            DecoderRows rows = new DecoderRows();
            rows.add(new Sequence(new int[] {1}, List.of()), 0);
            MergedAttention attention = new MergedAttention(0, new AttentionShape(1, 1, 8, 1), 4, pages);
            assertThrows(IllegalStateException.class, () -> ops.mergedAttention(attention, rows, one, one));
            rows.clear();
            rows.add(new Sequence(new int[] {2}, List.of()), 0);
            assertThrows(IllegalArgumentException.class, () -> ops.storeSelf(pages, 0, rows, one, one));
        }
    }

    @Test
    void closingTwiceIsHarmless() {
        try (Ops ops = new CpuOps(1)) {
            KvBlock block = ops.kvBlock(SHAPE, 100_000);
            block.close();
            block.close();
            KvPages pages = ops.kvPages(SHAPE, 1, 1);
            pages.close();
            pages.close();
        }
    }
}
