package io.tandem.bench.capacity;

/**
 * A document or a prompt, which is read, kept and found as one. Immutable.
 *
 * @param id tells it apart
 * @param hash of its content key, for the choice of instances ({@link io.tandem.routing.Scores#hash})
 * @param tokens of the encoder, at least 1
 */
public record Segment(int id, long hash, int tokens) {

    public Segment {
        if (tokens < 1) {
            throw new IllegalArgumentException("a document or question has " + tokens + " tokens, must have 1 or more");
        }
    }
}
