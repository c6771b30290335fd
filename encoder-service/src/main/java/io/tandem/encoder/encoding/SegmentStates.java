package io.tandem.encoder.encoding;

import io.tandem.cache.ContentKey;
import io.tandem.cache.ContentKeys;
import io.tandem.cache.StateStore;
import io.tandem.cache.StateWriter;
import io.tandem.encoder.prompt.SegmentText;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.runtime.batching.BatchWorker;
import io.tandem.runtime.batching.Flight;
import io.tandem.runtime.batching.SingleFlight;
import io.tandem.runtime.calls.Call;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoder states of segments: looked up in the cache, or made once for all who ask at the same time. Thread-safe; owned by the
 * service.
 */
public final class SegmentStates {

    private final StateStore store;
    private final SoftTokenReader softTokens;
    private final BatchWorker<EncoderInput, float[]> worker;

    /** Whether the states were computed rather than found. */
    private final SingleFlight<ContentKey, Boolean> flights = new SingleFlight<>(
            work -> Thread.ofVirtual().name("encoder-segment").start(work));

    /** @param worker stays the caller's */
    public SegmentStates(StateStore store, SoftTokenReader softTokens, BatchWorker<EncoderInput, float[]> worker) {
        this.store = store;
        this.softTokens = softTokens;
        this.worker = worker;
    }

    /**
     * Sees to it that the states of all segments are in the cache; those that are missing are encoded together.
     *
     * @return one a segment, in their order
     * @throws io.tandem.cache.StateLostException inside a CompletionException, if soft tokens are gone
     */
    public List<EncodedSegment> encode(List<SegmentText> segments, ContentKeys keys, Call call) {
        List<Pending> pending = new ArrayList<>();
        try {
            for (SegmentText segment : segments) {
                pending.add(begin(segment, keys.segment(segment.tokens(), segment.spans())));
            }
            return pending.stream().map(one -> one.await(call)).toList();
        } finally {
            pending.forEach(Pending::close);
        }
    }

    /** Takes states out of the cache; whoever is reading them reads on. */
    public void forget(List<ContentKey> keys) {
        keys.forEach(store::remove);
    }

    /** Runs a text through the model without storing anything. */
    public void warmUp(int[] tokens) {
        worker.submit(new EncoderInput(tokens)).join();
    }

    private Pending begin(SegmentText segment, ContentKey key) {
        if (store.find(key).isPresent()) {
            return new Pending(segment, key, null);
        }
        return new Pending(segment, key, flights.join(key, flight -> encode(segment, key, flight)));
    }

    private boolean encode(SegmentText segment, ContentKey key, Flight flight) {
        // An equal flight may have landed since the caller looked.
        if (store.read(key).isPresent()) {
            return false;
        }
        int rows = segment.tokens().length;
        // Opened first, so that states which the cache can't hold are refused before the work.
        try (StateWriter writer = store.write(key, rows, softTokens.hiddenSize())) {
            EncoderInput input = new EncoderInput(segment.tokens(), softTokens.read(segment.images()));
            writer.append(flight.await(worker.submit(input)), 0, rows);
            writer.commit();
        }
        return true;
    }

    /**
     * A segment that is in the cache or on its way there.
     *
     * @param ticket null if it was found
     */
    private record Pending(SegmentText segment, ContentKey key, SingleFlight.Ticket<Boolean> ticket)
            implements AutoCloseable {

        EncodedSegment await(Call call) {
            boolean cached = ticket == null || !(call.await(ticket.result()) && ticket.first());
            return new EncodedSegment(key, segment.tokens().length, segment.imageTokens(), cached);
        }

        @Override
        public void close() {
            if (ticket != null) {
                ticket.close();
            }
        }
    }
}
