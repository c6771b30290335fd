package io.tandem.runtime.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Context;
import io.grpc.Deadline;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.engine.InvalidInputException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class CallsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ServiceState state = new ServiceState("one.Service", new GrpcHealthStorage());
    private final Calls calls = new Calls("test", state, registry);
    private final RecordingClient client = new RecordingClient();

    @Test
    void anAnswerIsSentAndCounted() {
        state.ready();
        calls.serve(client, call -> "answer");
        assertEquals("answer", client.answer.join());
        assertEquals(0, state.drain(Duration.ofSeconds(10)));
        assertEquals(1, count("ok"));
        assertEquals(1, registry.get("tandem.test.request.duration").timer().count());
    }

    @Test
    void aFailureIsAnErrorOfTheTable() {
        state.ready();
        calls.serve(client, call -> {
            throw new InvalidInputException("prompt", "no good");
        });
        TandemException refusal = refusal();
        assertEquals(ErrorCode.INVALID_REQUEST, refusal.code());
        assertEquals("prompt", refusal.param().orElseThrow());
        assertEquals(1, count("invalid_request"));
    }

    @Test
    void aClientThatLeavesEndsTheWaiting() {
        state.ready();
        CompletableFuture<String> never = new CompletableFuture<>();
        calls.serve(client, call -> call.await(never));
        client.leave();
        assertEquals(ErrorCode.CANCELLED, refusal().code());
        assertEquals(1, count("cancelled"));
    }

    @Test
    void aDeadlineIsToldFromACancel() {
        state.ready();
        CompletableFuture<String> never = new CompletableFuture<>();
        try (ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(1)) {
            Context.CancellableContext context =
                    Context.current().withDeadline(Deadline.after(-1, TimeUnit.SECONDS), timer);
            context.run(() -> calls.serve(client, call -> call.await(never)));
            context.close();
        }
        client.leave();
        assertEquals(ErrorCode.DEADLINE_EXCEEDED, refusal().code());
        assertEquals(1, count("deadline_exceeded"));
    }

    @Test
    void callsBeforeTheWarmUpAreRefused() {
        calls.serve(client, call -> "too early");
        assertEquals(ErrorCode.UNAVAILABLE, refusal().code());
    }

    @Test
    void callsThatAreLeftAfterADrainCanBeEnded() throws InterruptedException {
        state.ready();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<String> told = new CompletableFuture<>();
        calls.serve(client, call -> {
            call.onEnd(() -> told.complete("told"));
            begun.countDown();
            told.join();
            call.requireWanted();
            return "too late";
        });
        begun.await();
        assertEquals(1, state.drain(Duration.ZERO));
        calls.endAll();
        assertEquals(ErrorCode.DRAINING, refusal().code());
        assertEquals(0, state.drain(Duration.ofSeconds(10)));
        assertEquals(1, count("draining"));
    }

    private TandemException refusal() {
        return GrpcErrors.fromStatus(
                assertThrows(CompletionException.class, client.answer::join).getCause());
    }

    private double count(String outcome) {
        return registry.get("tandem.test.requests")
                .tag("outcome", outcome)
                .counter()
                .count();
    }
}
