package io.tandem.gateway.files;

import java.time.Instant;
import java.util.Optional;

/**
 * A file that was uploaded to its end. Immutable.
 *
 * @param id names it
 * @param owner whose key it was uploaded with; empty when everybody may ask
 * @param filename as the client called it: data, never a path
 * @param purpose why it was uploaded
 * @param bytes of its content
 * @param createdAt when it was complete, in whole seconds
 * @param expiresAt when it ends by itself, in whole seconds
 */
public record StoredFile(
        FileId id,
        String owner,
        String filename,
        Purpose purpose,
        long bytes,
        Instant createdAt,
        Optional<Instant> expiresAt) {

    /** Whether it has ended by itself. */
    boolean isExpired(Instant now) {
        return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
    }
}
