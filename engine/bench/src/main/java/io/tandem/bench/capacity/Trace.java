package io.tandem.bench.capacity;

import java.util.List;

/**
 * What is asked. Immutable.
 *
 * @param requests in the order in which they come
 * @param clients that each send the next request when they have their answer; 0 if requests come at their own times
 */
public record Trace(List<Request> requests, int clients) {

    public Trace {
        requests = List.copyOf(requests);
        if (requests.isEmpty() || clients < 0) {
            throw new IllegalArgumentException(
                    requests.size() + " requests of " + clients + " clients; there must be 1 or more of 0 or more");
        }
    }
}
