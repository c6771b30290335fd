package io.tandem.gateway.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Status;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestScopeTest {

    private final RequestScopes scopes = new RequestScopes(Duration.ofMinutes(1));

    @AfterEach
    void close() {
        scopes.close();
    }

    @Test
    void resultOfAStepComesThrough() {
        try (RequestScope scope = scopes.open()) {
            assertEquals("x", scope.await(CompletableFuture.completedFuture("x")));
        }
    }

    @Test
    void failureOfAStepKeepsItsCode() {
        Throwable failure =
                GrpcErrors.toStatus(new TandemException(ErrorCode.INVALID_IMAGE, "images[0]", "no picture"));
        try (RequestScope scope = scopes.open()) {
            TandemException thrown = fails(scope, CompletableFuture.failedFuture(failure));
            assertEquals(ErrorCode.INVALID_IMAGE, thrown.code());
            assertEquals("images[0]", thrown.param().orElseThrow());
        }
    }

    @Test
    void cancelEndsEveryWait() {
        try (RequestScope scope = scopes.open()) {
            CompletableFuture<String> step = new CompletableFuture<>();
            Thread.ofVirtual().start(scope::cancel);
            assertEquals(ErrorCode.CANCELLED, fails(scope, step).code());
            assertEquals(
                    ErrorCode.CANCELLED, fails(scope, new CompletableFuture<>()).code());
            assertTrue(scope.isOver());
        }
    }

    @Test
    void whatIsOverIsForgottenBeforeItsDeadline() {
        try (RequestScope scope = scopes.open()) {
            assertEquals(1, scopes.underWay());
        }
        assertEquals(0, scopes.underWay());
    }

    @Test
    void deadlineEndsEveryWait() {
        try (RequestScopes hurried = new RequestScopes(Duration.ofMillis(20));
                RequestScope scope = hurried.open()) {
            assertEquals(
                    ErrorCode.DEADLINE_EXCEEDED,
                    fails(scope, new CompletableFuture<>()).code());
        }
    }

    @Test
    void serviceThatGivesUpIsNotTheClientsDoing() {
        try (RequestScope scope = scopes.open()) {
            assertEquals(
                    ErrorCode.UNAVAILABLE,
                    fails(scope, CompletableFuture.failedFuture(Status.CANCELLED.asRuntimeException()))
                            .code());
        }
    }

    @Test
    void whatIsStartedInsideEndsWithTheScope() {
        RequestScope scope = scopes.open();
        Context[] seen = new Context[1];
        scope.run(() -> seen[0] = Context.current());
        assertFalse(seen[0].isCancelled());
        assertTrue(seen[0].getDeadline().timeRemaining(TimeUnit.SECONDS) > 50);
        scope.close();
        assertTrue(seen[0].isCancelled());
    }

    private static TandemException fails(RequestScope scope, CompletableFuture<?> step) {
        return assertThrows(TandemException.class, () -> scope.await(step));
    }
}
