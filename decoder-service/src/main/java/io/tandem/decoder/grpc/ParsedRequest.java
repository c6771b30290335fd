package io.tandem.decoder.grpc;

import io.tandem.decoder.residency.SegmentReference;
import io.tandem.decoder.scheduling.GenerationRequest;
import java.util.List;

/**
 * A request that has been checked. Immutable.
 *
 * @param segments states to attend to, in this order, at least one
 * @param generation what the step thread needs to know
 * @param stopStrings end the output and are not part of it
 * @param returnTokenIds whether the client wants the ids
 */
record ParsedRequest(
        List<SegmentReference> segments,
        GenerationRequest generation,
        List<String> stopStrings,
        boolean returnTokenIds) {}
