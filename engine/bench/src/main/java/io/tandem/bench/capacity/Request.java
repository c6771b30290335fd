package io.tandem.bench.capacity;

import java.util.List;

/**
 * One question about one document. Immutable.
 *
 * @param arrival seconds since the beginning; where clients wait for their answers, not looked at
 * @param document what it is about
 * @param question the prompt
 * @param answerTokens of the answer, at least 1
 */
public record Request(double arrival, Segment document, Segment question, int answerTokens) {

    public Request {
        if (!(arrival >= 0) || answerTokens < 1) {
            throw new IllegalArgumentException("a request comes at " + arrival + " s and is answered with "
                    + answerTokens + " tokens; it must come at 0 or later, and have 1 or more");
        }
    }

    /** In the order in which the encoder-service names them. */
    List<Segment> segments() {
        return List.of(document, question);
    }

    /** Whose key decides about the decoder, as in the gateway: whoever holds it has the least to fetch. */
    Segment largest() {
        return question.tokens() >= document.tokens() ? question : document;
    }
}
