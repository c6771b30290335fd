package io.tandem.gateway.pipeline;

import com.google.protobuf.ByteString;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.Segment;
import java.util.Comparator;
import java.util.List;

/**
 * A prompt whose states are in the cache, for any number of answers.
 *
 * @param encoded where they are, at least one segment
 * @param timings what vision and encoder took
 */
record ReadPrompt(EncodeReply encoded, Timings timings) {

    List<Segment> segments() {
        return encoded.getSegmentsList();
    }

    /** Who made its states, and can use them. */
    String model() {
        return encoded.getModel();
    }

    /** Key of the largest segment: whoever holds its K/V has the least to fetch. */
    ByteString routingKey() {
        return segments().stream()
                .max(Comparator.comparingInt(Segment::getTokens))
                .orElseThrow()
                .getKey();
    }
}
