package io.tandem.engine.ops;

import java.util.List;

/** What one decoder sequence attends to: its own pages and the encoder blocks it reads, in order. */
public interface SequenceKv {

    /** Page ids; decoder token t lies in page {@code pageTable()[t / pageTokens]} at {@code t % pageTokens}. */
    int[] pageTable();

    /** Encoder blocks of either kind, all of them visible at every position and in every layer. */
    List<? extends EncoderBlock> encoderBlocks();
}
