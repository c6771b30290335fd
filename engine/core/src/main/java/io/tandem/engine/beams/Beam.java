package io.tandem.engine.beams;

/**
 * A path from the beginning to one token; paths that began alike share their beginning. Immutable.
 *
 * @param parent all but the last token; null for the beginning, which has none
 * @param token the last one
 * @param length number of tokens
 * @param score sum of the tokens' log probabilities
 */
record Beam(Beam parent, int token, int length, float score) {

    static final Beam START = new Beam(null, -1, 0, 0);

    Beam next(int next, float nextScore) {
        return new Beam(this, next, length + 1, nextScore);
    }

    int[] tokens() {
        int[] tokens = new int[length];
        Beam beam = this;
        for (int i = length - 1; i >= 0; i--) {
            tokens[i] = beam.token;
            beam = beam.parent;
        }
        return tokens;
    }
}
