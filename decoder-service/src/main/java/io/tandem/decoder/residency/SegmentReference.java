package io.tandem.decoder.residency;

import io.tandem.cache.ContentKey;
import java.util.Objects;

/**
 * Encoder states that a request attends to. Immutable.
 *
 * @param key names them in the state store
 * @param tokens encoder tokens they stand for, at least 1
 */
public record SegmentReference(ContentKey key, int tokens) {

    public SegmentReference {
        Objects.requireNonNull(key);
        if (tokens < 1) {
            throw new IllegalArgumentException("a segment has at least one token, not " + tokens);
        }
    }
}
