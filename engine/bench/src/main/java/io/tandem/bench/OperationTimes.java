package io.tandem.bench;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls, time and work by operation. Mutable; owned by {@link MeasuredOps}, used by the one thread that runs the model. */
final class OperationTimes {

    private final Map<String, Sum> sums = new HashMap<>();

    /**
     * The sum over all calls of one operation.
     *
     * @param name the operation, matrix products with their shape
     * @param work of all calls
     */
    record Sum(String name, int calls, double seconds, Work work) {

        private Sum plus(double moreSeconds, Work more) {
            return new Sum(
                    name,
                    calls + 1,
                    seconds + moreSeconds,
                    new Work(work.flops() + more.flops(), work.bytes() + more.bytes()));
        }

        double gflops() {
            return work.flops() / seconds / 1e9;
        }

        double gbPerSecond() {
            return work.bytes() / seconds / 1e9;
        }
    }

    void clear() {
        sums.clear();
    }

    void add(String name, double seconds, Work work) {
        sums.put(
                name,
                sums.getOrDefault(name, new Sum(name, 0, 0, new Work(0, 0))).plus(seconds, work));
    }

    /** All sums, the most expensive operation first. */
    List<Sum> byTime() {
        return sums.values().stream()
                .sorted(Comparator.comparingDouble(Sum::seconds).reversed())
                .toList();
    }
}
