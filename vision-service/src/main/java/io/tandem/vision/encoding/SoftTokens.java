package io.tandem.vision.encoding;

import io.tandem.cache.ContentKey;
import io.tandem.cache.StateReader;
import io.tandem.cache.StateStore;
import io.tandem.cache.StateWriter;
import io.tandem.engine.image.PreparedImage;
import io.tandem.runtime.batching.BatchWorker;
import io.tandem.runtime.batching.Flight;
import io.tandem.runtime.batching.SingleFlight;
import io.tandem.runtime.calls.Call;
import io.tandem.telemetry.Tracing;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;

/**
 * The soft tokens of pictures: looked up in the cache, or made once for all who ask at the same time. All views of a picture are
 * one state, {@code [views * tokensPerImage, hiddenSize]}. Thread-safe; closed by the service.
 */
public final class SoftTokens {

    private final StateStore store;
    private final Preparation preparation;
    private final BatchWorker<PreparedImage, float[][]> worker;
    private final SingleFlight<ContentKey, Encoded> flights;
    private final Shape shape;

    /**
     * Sizes of what the tower makes of a view.
     *
     * @param tokensPerImage soft tokens
     * @param hiddenSize values of each
     */
    public record Shape(int tokensPerImage, int hiddenSize) {}

    /**
     * A picture whose soft tokens are in the cache.
     *
     * @param views the picture and its crops
     * @param cached false if they were computed for this call
     */
    public record Encoded(int views, boolean cached) {}

    /** @param preparing runs the decoding and preparing of pictures, and so bounds how many are held at the same time */
    public SoftTokens(
            StateStore store,
            Preparation preparation,
            BatchWorker<PreparedImage, float[][]> worker,
            Executor preparing,
            Shape shape) {
        this.store = store;
        this.preparation = preparation;
        this.worker = worker;
        this.flights = new SingleFlight<>(preparing);
        this.shape = shape;
    }

    /** Views of a picture whose soft tokens are in the cache; counts a hit or a miss. */
    public OptionalInt find(ContentKey key) {
        return store.find(key)
                .map(manifest -> OptionalInt.of(manifest.rows() / shape.tokensPerImage()))
                .orElseGet(OptionalInt::empty);
    }

    /**
     * Makes the soft tokens of a picture and stores them.
     *
     * @param file the bytes of which {@code key} names the digest
     * @throws io.tandem.engine.InvalidInputException inside a CompletionException, if it is no sound picture
     */
    public Encoded encode(ContentKey key, byte[] file, Call call) {
        try (SingleFlight.Ticket<Encoded> ticket = flights.join(key, flight -> encode(key, file, flight))) {
            Encoded encoded = call.await(ticket.result());
            return ticket.first() ? encoded : new Encoded(encoded.views(), true);
        }
    }

    /** Runs every stage once on a picture of the tower's size, without storing anything. */
    public void warmUp(byte[] file) {
        worker.submit(preparation.prepare(file)).join();
    }

    private Encoded encode(ContentKey key, byte[] file, Flight flight) {
        // An equal flight may have landed since the caller looked.
        Optional<StateReader> present = store.read(key);
        if (present.isPresent()) {
            return new Encoded(present.get().manifest().rows() / shape.tokensPerImage(), true);
        }
        PreparedImage prepared = Tracing.inSpan("vision.prepare", () -> preparation.prepare(file));
        flight.requireWanted();
        float[][] views = flight.await(worker.submit(prepared));
        try (StateWriter writer = store.write(key, views.length * shape.tokensPerImage(), shape.hiddenSize())) {
            for (float[] view : views) {
                writer.append(view, 0, shape.tokensPerImage());
            }
            writer.commit();
        }
        return new Encoded(views.length, false);
    }
}
