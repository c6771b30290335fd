package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The spans of one trace. Immutable. */
record Trace(List<Span> spans) {

    boolean has(String name) {
        return spans.stream().anyMatch(span -> span.getName().equals(name));
    }

    /** The only span of that name and kind. */
    Span only(String name, Span.SpanKind kind) {
        List<Span> found = spans.stream()
                .filter(span -> span.getName().equals(name) && span.getKind() == kind)
                .toList();
        assertEquals(1, found.size(), name + " among " + names());
        return found.getFirst();
    }

    /** The only span of that name, which is of no special kind. */
    Span only(String name) {
        return only(name, Span.SpanKind.SPAN_KIND_INTERNAL);
    }

    Optional<Span> parent(Span child) {
        return spans.stream()
                .filter(span -> span.getSpanId().equals(child.getParentSpanId()))
                .findFirst();
    }

    /** Checks that a span is the direct child of another, and began inside it. */
    void requireChild(Span child, Span parent) {
        assertEquals(
                parent.getSpanId(),
                child.getParentSpanId(),
                () -> child.getName() + " is under "
                        + parent(child).map(Span::getName).orElse("nothing") + ", not under " + parent.getName());
        assertTrue(
                child.getStartTimeUnixNano() >= parent.getStartTimeUnixNano()
                        && child.getStartTimeUnixNano() <= parent.getEndTimeUnixNano(),
                child.getName() + " began outside of " + parent.getName());
    }

    /** Checks that every span but one, the root, has its parent in the trace. */
    void requireWhole(Span root) {
        spans.stream()
                .filter(span -> span != root)
                .forEach(span -> assertTrue(parent(span).isPresent(), span.getName() + " has no parent in " + names()));
    }

    List<String> names() {
        return spans.stream().map(Span::getName).toList();
    }

    static List<String> events(Span span) {
        return span.getEventsList().stream().map(Span.Event::getName).toList();
    }

    static Map<String, AnyValue> attributes(Span span) {
        return span.getAttributesList().stream().collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue));
    }

    static String text(Span span, String attribute) {
        return attributes(span)
                .getOrDefault(attribute, AnyValue.getDefaultInstance())
                .getStringValue();
    }

    static long number(Span span, String attribute) {
        return attributes(span)
                .getOrDefault(attribute, AnyValue.getDefaultInstance())
                .getIntValue();
    }
}
