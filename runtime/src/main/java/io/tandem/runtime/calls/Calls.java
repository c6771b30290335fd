package io.tandem.runtime.calls;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.runtime.EngineErrors;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.grpc.TracingServerInterceptor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Answers the calls of one service, each on a virtual thread of its own. Thread-safe; owned by the service. */
public final class Calls {

    private final String name;
    private final ServiceState state;
    private final CallMetrics metrics;
    private final Set<Call> active = ConcurrentHashMap.newKeySet();

    /**
     * @param name of the service in thread names and metrics, such as {@code vision}
     * @param state says whether calls are taken
     */
    public Calls(String name, ServiceState state, MeterRegistry registry) {
        this.name = name;
        this.state = state;
        this.metrics = new CallMetrics(registry, "tandem." + name);
    }

    /** Refuses a call that comes before the service has what it needs to look at it. */
    public static void refuseAsStarting(StreamObserver<?> client) {
        client.onError(
                GrpcErrors.toStatus(new TandemException(ErrorCode.UNAVAILABLE, null, "the service is starting")));
    }

    /** Tells the calls in progress to end now, which their clients see as {@code DRAINING}; no more must be taken by then. */
    public void endAll() {
        active.forEach(Call::drain);
    }

    /**
     * Answers a call with one message, the last one if the work streams, or an error of the table; to be called on gRPC's
     * thread, which it does not hold up.
     */
    public <R> void serve(StreamObserver<R> observer, Work<R> work) {
        ServerCallStreamObserver<R> client = (ServerCallStreamObserver<R>) observer;
        Call call = new Call(Context.current().getDeadline());
        client.setOnCancelHandler(call::end);
        Runnable answering =
                RequestContext.carry(TracingServerInterceptor.requestContext(), () -> answer(client, call, work));
        Thread.ofVirtual().name(name + "-call").start(answering);
    }

    private <R> void answer(ServerCallStreamObserver<R> client, Call call, Work<R> work) {
        long start = System.nanoTime();
        boolean entered = false;
        // Comes first, so that no call that was let in before a drain is missed at its end.
        active.add(call);
        try {
            state.enter();
            entered = true;
            R reply = work.answer(call);
            metrics.answered(System.nanoTime() - start);
            client.onNext(reply);
            client.onCompleted();
        } catch (RuntimeException | Error failure) {
            TandemException known = EngineErrors.of(failure);
            metrics.failed(known.code());
            client.onError(GrpcErrors.toStatus(known));
        } finally {
            active.remove(call);
            if (entered) {
                state.leave();
            }
        }
    }

    /**
     * What answers one call.
     *
     * @param <R> its answer, or the messages of it
     */
    @FunctionalInterface
    public interface Work<R> {

        /**
         * Makes the answer; may wait, and throws what {@link EngineErrors} knows. Work that streams sends all messages but
         * the last itself, and has given back what it holds when it returns that one.
         */
        R answer(Call call);
    }
}
