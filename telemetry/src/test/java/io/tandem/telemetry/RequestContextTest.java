package io.tandem.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

class RequestContextTest {

    @Test
    void theIdIsInLogLinesWhileWorkIsDoneAndNoLonger() {
        List<Object> seen = new ArrayList<>();
        RequestContext.run(RequestContext.with("req_1"), () -> {
            seen.add(MDC.get(RequestContext.REQUEST_ID));
            RequestContext.run(RequestContext.with("req_2"), () -> seen.add(MDC.get(RequestContext.REQUEST_ID)));
            seen.add(MDC.get(RequestContext.REQUEST_ID));
        });
        assertEquals(List.of("req_1", "req_2", "req_1"), seen);
        assertNull(MDC.get(RequestContext.REQUEST_ID));
        assertEquals(Optional.empty(), RequestContext.requestId(Context.current()));
    }

    @Test
    void workIsCarriedToOtherThreads() {
        Executor carrying = RequestContext.carrying(work -> Thread.ofVirtual().start(work));
        CompletableFuture<Optional<String>> id = new CompletableFuture<>();
        CompletableFuture<Object> inLogs = new CompletableFuture<>();
        RequestContext.run(
                RequestContext.with("req_3"),
                () -> carrying.execute(() -> {
                    inLogs.complete(MDC.get(RequestContext.REQUEST_ID));
                    id.complete(RequestContext.requestId(Context.current()));
                }));
        assertEquals("req_3", inLogs.join());
        assertEquals(Optional.of("req_3"), id.join());
    }
}
