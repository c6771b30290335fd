package io.tandem.decoder.residency;

import io.tandem.engine.runner.EncoderMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * One segment in the decoder's memory, or on its way there.
 *
 * <p>Mutable; owned by {@link EncoderResidency} and touched under its lock only.
 */
final class Resident {

    final SegmentReference segment;
    final long bytes;

    /** The leases that hold it, once for every time the segment stands in a request. */
    final List<Lease> holders = new ArrayList<>();

    /** Null until it is complete. */
    EncoderMemory memory;

    Resident(SegmentReference segment, long bytes) {
        this.segment = segment;
        this.bytes = bytes;
    }

    boolean complete() {
        return memory != null;
    }
}
