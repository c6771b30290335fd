package io.tandem.decoder.residency;

import io.tandem.cache.StateLostException;
import io.tandem.cache.StateManifest;
import io.tandem.cache.StateReader;
import io.tandem.cache.StateStore;
import io.tandem.cache.StoreUnavailableException;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.engine.runner.EncoderMemory;
import java.util.function.BooleanSupplier;

/** Streams encoder states from the store into new memories, chunk by chunk. Immutable and thread-safe. */
public final class StateLoader {

    private final StateStore store;
    private final MemoryChoice choice;

    /** Reads from the store into memories of the form that is chosen. */
    public StateLoader(StateStore store, MemoryChoice choice) {
        this.store = store;
        this.choice = choice;
    }

    /**
     * Loads a segment; nothing is left behind if that fails.
     *
     * @param unwanted asked between chunks
     * @return the complete memory, or null if it was unwanted before it was complete
     * @throws StateLostException if a chunk is gone
     * @throws TandemException if the state as a whole is gone, or is not what the segment says
     */
    EncoderMemory load(SegmentReference segment, BooleanSupplier unwanted) {
        if (unwanted.getAsBoolean()) {
            return null;
        }
        StateReader reader = store.read(segment.key()).orElseThrow(() -> lost(segment, null));
        requireShape(segment, reader.manifest());
        EncoderMemory memory = choice.memory(segment);
        boolean complete = false;
        try {
            complete = fill(memory, reader, unwanted);
        } finally {
            if (!complete) {
                memory.close();
            }
        }
        return complete ? memory : null;
    }

    /** What a request is told about a load that failed. */
    static TandemException toTandemException(SegmentReference segment, Throwable failure) {
        return switch (failure) {
            case TandemException known -> known;
            case StateLostException lost -> lost(segment, lost);
            case StoreUnavailableException unreachable ->
                new TandemException(ErrorCode.UNAVAILABLE, null, unreachable.getMessage(), unreachable);
            default ->
                new TandemException(
                        ErrorCode.INTERNAL,
                        null,
                        "the encoder state " + segment.key() + " could not be loaded",
                        failure);
        };
    }

    /** The request and the state disagree on the number of tokens. */
    static TandemException wrongLength(SegmentReference segment, int rows) {
        return new TandemException(
                ErrorCode.INVALID_REQUEST,
                "segments",
                "segment " + segment.key() + " has " + segment.tokens() + " tokens, its encoder state has " + rows);
    }

    private static boolean fill(EncoderMemory memory, StateReader reader, BooleanSupplier unwanted) {
        StateManifest manifest = reader.manifest();
        float[] rows = new float[manifest.rowsIn(0) * manifest.columns()]; // [rowsPerChunk, hiddenSize]
        for (int count = reader.next(rows); count >= 0; count = reader.next(rows)) {
            if (unwanted.getAsBoolean()) {
                return false;
            }
            memory.append(rows, count);
        }
        return true;
    }

    private void requireShape(SegmentReference segment, StateManifest manifest) {
        if (manifest.rows() != segment.tokens()) {
            throw wrongLength(segment, manifest.rows());
        }
        if (manifest.columns() != choice.runner().hiddenSize()) {
            throw new TandemException(
                    ErrorCode.INTERNAL,
                    null,
                    "encoder state " + segment.key() + " has " + manifest.columns() + " values a token, this decoder's "
                            + "model has " + choice.runner().hiddenSize()
                            + "; all services must serve the same checkpoint");
        }
    }

    private static TandemException lost(SegmentReference segment, Throwable cause) {
        return new TandemException(
                ErrorCode.STATE_LOST,
                null,
                "the encoder state " + segment.key() + " is no longer in the cache; encode it again",
                cause);
    }
}
