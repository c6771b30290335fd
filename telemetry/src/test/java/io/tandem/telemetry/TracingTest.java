package io.tandem.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TracingTest {

    @RegisterExtension
    static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

    @Test
    void nothingIsTracedOutsideOfATrace() {
        assertEquals(7, Tracing.inSpan("alone", () -> 7));
        assertSame(Span.getInvalid(), Tracing.start("alone"));
        assertEquals(List.of(), TELEMETRY.getSpans());
    }

    @Test
    void aFailureIsNamedButNotQuoted() {
        Span root = Tracing.tracer().spanBuilder("root").startSpan();
        try (Scope entered = root.makeCurrent()) {
            assertThrows(TandemException.class, () -> Tracing.inSpan("stage", TracingTest::fail));
        }
        root.end();
        SpanData stage = TELEMETRY.getSpans().getFirst();
        assertEquals("stage", stage.getName());
        assertEquals(root.getSpanContext().getSpanId(), stage.getParentSpanId());
        assertEquals("invalid_image", stage.getAttributes().get(Tracing.ERROR_TYPE));
        assertEquals(StatusCode.ERROR, stage.getStatus().getStatusCode());
        assertEquals("", stage.getStatus().getDescription());
        assertFalse(stage.toString().contains("secret"), stage.toString());
    }

    private static void fail() {
        throw new TandemException(ErrorCode.INVALID_IMAGE, "secret", "a secret is no picture");
    }
}
