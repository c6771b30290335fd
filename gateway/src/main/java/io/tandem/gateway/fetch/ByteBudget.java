package io.tandem.gateway.fetch;

import io.tandem.contract.TandemException;
import java.util.concurrent.atomic.AtomicLong;

/** The bytes that all pictures of one request may have. Thread-safe. */
final class ByteBudget {

    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    ByteBudget(long limit) {
        this.limit = limit;
    }

    /** @throws TandemException naming both numbers when there are more */
    void take(long bytes, FetchedField field) {
        long now = taken.addAndGet(bytes);
        if (now > limit) {
            throw field.invalid(
                    "is one of several pictures that have at least %,d bytes together, limit %,d; raise tandem.gateway.body.max-size"
                            .formatted(now, limit));
        }
    }
}
