package io.tandem.gateway.batches;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a client asked for when it made a batch. Immutable.
 *
 * @param id names it
 * @param createdAt in whole seconds
 * @param order what is to be done
 */
public record Batch(BatchId id, Instant createdAt, Order order) {

    /** The only window there is, OpenAI's {@code 24h}. */
    public static final Duration WINDOW = Duration.ofHours(24);

    /**
     * What is to be done.
     *
     * @param owner whose key it was made with; empty when everybody may ask
     * @param inputFileId the file of its lines
     * @param endpoint path that all lines are for
     * @param metadata the client's own, in its order
     * @param outputLifetime after which its output files end by themselves
     */
    public record Order(
            String owner,
            String inputFileId,
            String endpoint,
            Map<String, String> metadata,
            Optional<Duration> outputLifetime) {}

    /** Whose it is. */
    public String owner() {
        return order.owner();
    }

    /** When lines that have not been answered are given up. */
    public Instant expiresAt() {
        return createdAt.plus(WINDOW);
    }
}
