package io.tandem.routing;

/** An instance that requests may be sent to, as the choice sees it. */
public interface Candidate {

    /** {@link Scores#hash} of its name. */
    long hash();

    /** Requests that it works on. */
    int inFlight();
}
