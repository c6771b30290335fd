package io.tandem.decoder.residency;

import io.tandem.decoder.config.AbsorbFrom;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.MemoryForm;
import java.util.Collection;

/**
 * In which form a segment is kept. That depends on its length and on settings and on nothing else, so that requests which share a
 * segment share its one memory, and an answer does not depend on what else is there. Immutable and thread-safe.
 *
 * @param runner makes the memories
 * @param budget bytes that all memories may take together, setting {@code tandem.decoder.encoder-memory}
 * @param absorbFrom setting {@code tandem.decoder.absorb-from}
 */
public record MemoryChoice(DecoderRunner runner, long budget, AbsorbFrom absorbFrom) {

    /** Long segments are absorbed, and those whose keys and values would never fit. */
    MemoryForm form(SegmentReference segment) {
        boolean fits = bytes(segment, MemoryForm.PROJECTED) <= budget;
        boolean absorbed = !absorbFrom.equals(AbsorbFrom.NEVER) && (!fits || segment.tokens() >= absorbFrom.tokens());
        return absorbed ? MemoryForm.ABSORBED : MemoryForm.PROJECTED;
    }

    /** Bytes that a segment takes. */
    long bytes(SegmentReference segment) {
        return bytes(segment, form(segment));
    }

    private long bytes(SegmentReference segment, MemoryForm form) {
        return segment.tokens() * runner.memoryBytesPerToken(form);
    }

    /** An empty memory for a segment. */
    EncoderMemory memory(SegmentReference segment) {
        return runner.memory(segment.tokens(), form(segment));
    }

    /** Which settings make room for segments that can't fit together. */
    String remedy(Collection<SegmentReference> segments) {
        String remedy = "raise tandem.decoder.encoder-memory";
        if (absorbFrom.equals(AbsorbFrom.NEVER)) {
            remedy += " or set tandem.decoder.absorb-from to a number of tokens";
        } else if (segments.stream().anyMatch(segment -> form(segment) == MemoryForm.PROJECTED)) {
            remedy += " or lower tandem.decoder.absorb-from, which is " + absorbFrom.tokens();
        }
        return remedy;
    }
}
