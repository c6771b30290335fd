package io.tandem.bench.capacity;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

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

    /** All documents, those that are asked about least first. */
    List<Segment> documents() {
        Map<Segment, Long> asked = requests.stream()
                .map(Request::document)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        return asked.keySet().stream()
                .sorted(Comparator.<Segment, Long>comparing(asked::get).thenComparing(Segment::id))
                .toList();
    }
}
