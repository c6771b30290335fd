package io.tandem.telemetry;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jboss.logging.MDC;

/**
 * What belongs to a request wherever its work goes, the span that it is in and its id, as OpenTelemetry's {@link Context}. It is
 * current on one thread at a time and must be carried to others; log lines written meanwhile show the id.
 */
public final class RequestContext {

    /** Under this name log lines find the id. */
    public static final String REQUEST_ID = "requestId";

    private static final ContextKey<String> ID = ContextKey.named("tandem-request-id");

    private RequestContext() {}

    /** The current context, of a request with this id. */
    public static Context with(String requestId) {
        return with(Context.current(), requestId);
    }

    /** A context, of a request with this id. */
    public static Context with(Context context, String requestId) {
        return context.with(ID, requestId);
    }

    /** The id of the request that a context belongs to. */
    public static Optional<String> requestId(Context context) {
        return Optional.ofNullable(context.get(ID));
    }

    /** Does work in a context, on this thread. */
    public static void run(Context context, Runnable work) {
        try (Scope entered = context.makeCurrent()) {
            String id = context.get(ID);
            if (id == null) {
                work.run();
            } else {
                named(id, work);
            }
        }
    }

    /** Work that runs in the current context, whatever thread does it. */
    public static Runnable carry(Runnable work) {
        return carry(Context.current(), work);
    }

    /** Work that runs in a context, whatever thread does it. */
    public static Runnable carry(Context context, Runnable work) {
        return () -> run(context, work);
    }

    /** An executor whose tasks run in the context of whoever hands them in. */
    public static Executor carrying(Executor executor) {
        return task -> executor.execute(carry(task));
    }

    private static void named(String id, Runnable work) {
        Object before = MDC.put(REQUEST_ID, id);
        try {
            work.run();
        } finally {
            if (before == null) {
                MDC.remove(REQUEST_ID);
            } else {
                MDC.put(REQUEST_ID, before);
            }
        }
    }
}
