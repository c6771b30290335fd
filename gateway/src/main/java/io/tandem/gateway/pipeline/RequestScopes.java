package io.tandem.gateway.pipeline;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** Begins the lives of requests and ends those that take too long. One for the process; thread-safe. */
public final class RequestScopes implements AutoCloseable {

    private final Duration longest;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("tandem-gateway-deadlines").daemon().factory());

    /** @param longest life of a request */
    public RequestScopes(Duration longest) {
        this.longest = longest;
        // Else every answered request would be remembered until its deadline.
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Begins a request's life now. */
    public RequestScope open() {
        return open(longest);
    }

    /** Begins the life of a request that wants an answer sooner. */
    public RequestScope open(Duration wanted) {
        Duration deadline = wanted.compareTo(longest) < 0 ? wanted : longest;
        return RequestScope.open(deadline, timer);
    }

    /** Requests whose ends are waited for. */
    int underWay() {
        return timer.getQueue().size();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
