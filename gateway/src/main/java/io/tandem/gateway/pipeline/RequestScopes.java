package io.tandem.gateway.pipeline;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Begins the lives of requests and ends those that take too long. One for the process; thread-safe. */
public final class RequestScopes implements AutoCloseable {

    private final Duration deadline;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tandem-gateway-deadlines").daemon().factory());

    /** @param deadline longest life of a request */
    public RequestScopes(Duration deadline) {
        this.deadline = deadline;
    }

    /** Begins a request's life now. */
    public RequestScope open() {
        return RequestScope.open(deadline, timer);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
