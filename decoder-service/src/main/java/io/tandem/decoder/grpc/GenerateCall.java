package io.tandem.decoder.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Started;
import io.tandem.decoder.residency.Lease;
import io.tandem.decoder.scheduling.Generation;
import io.tandem.decoder.scheduling.Outcome;
import io.tandem.decoder.scheduling.Signal;
import io.tandem.decoder.scheduling.WaitingRoom;
import io.tandem.engine.InvalidInputException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * The life of one call, from top to bottom, on a virtual thread of its own.
 *
 * <p>Everything that the call holds is given back before the client sees its end.
 */
final class GenerateCall implements Runnable {

    private static final Logger LOG = Logger.getLogger(GenerateCall.class);

    /** Bytes that gRPC takes in advance for a client that lags: some hundred tokens, the rest waits in the buffer. */
    private static final int UNSENT_BYTES = 4096;

    private final GenerateRequest request;
    private final ServerCallStreamObserver<GenerateEvent> client;
    private final CallParts parts;
    private final Signal signal = new Signal();
    private final long arrivalNanos = System.nanoTime();
    private volatile boolean cancelled;
    private volatile Generation running;

    GenerateCall(GenerateRequest request, ServerCallStreamObserver<GenerateEvent> client, CallParts parts) {
        this.request = request;
        this.client = client;
        this.parts = parts;
    }

    /** Hears of cancellation, of the deadline and of the client's readiness; must come before gRPC's call returns. */
    void listen() {
        client.setOnCancelHandler(this::cancel);
        client.setOnReadyHandler(signal::raise);
        client.setOnReadyThreshold(UNSENT_BYTES);
    }

    @Override
    public void run() {
        signal.own();
        try {
            parts.calls().begin();
        } catch (TandemException refusal) {
            fail(refusal);
            return;
        }
        try {
            Finished finished = answer();
            parts.metrics().answered();
            client.onNext(GenerateEvent.newBuilder().setFinished(finished).build());
            client.onCompleted();
        } catch (InvalidInputException refusal) {
            fail(new TandemException(ErrorCode.INVALID_REQUEST, refusal.field(), refusal.getMessage(), refusal));
        } catch (TandemException failure) {
            fail(failure);
        } catch (RuntimeException | Error failure) {
            fail(new TandemException(ErrorCode.INTERNAL, null, "the decoder failed on this request", failure));
        } finally {
            // A drain waits for this, so the last event must have been handed over before.
            parts.calls().end();
        }
    }

    /** On gRPC's thread; the step thread hears of it at once, the call's own thread cleans up. */
    private void cancel() {
        cancelled = true;
        Generation current = running;
        if (current != null) {
            current.leave();
        }
        signal.raise();
    }

    private Finished answer() {
        ParsedRequest parsed = parts.reader().read(request);
        TextOutput output = new TextOutput(parsed, parts.tokenizer().newDetokenizer(true));
        try (WaitingRoom.Place place = parts.waitingRoom().enter();
                Lease lease = parts.residency().lease(parsed.segments(), signal::raise)) {
            return generate(parsed, output, place, lease);
        }
    }

    private Finished generate(ParsedRequest parsed, TextOutput output, WaitingRoom.Place place, Lease lease) {
        awaitRoom(lease);
        long granted = System.nanoTime();
        await(lease::settled);
        throwIfPresent(lease);
        long resident = System.nanoTime();
        Generation generation = parts.stepThread().submit(lease.memories(), parsed.generation(), signal);
        running = generation;
        try {
            await(() -> generation.started() || generation.outcome() != null);
            place.close();
            if (generation.started()) {
                long queued = granted - arrivalNanos + generation.startNanos() - resident;
                parts.metrics().queued(Duration.ofNanos(queued));
                send(GenerateEvent.newBuilder()
                        .setStarted(Started.newBuilder()
                                .setQueueMicros(TimeUnit.NANOSECONDS.toMicros(queued))
                                .setTransferMicros(TimeUnit.NANOSECONDS.toMicros(resident - granted))
                                .setResidentTokens(lease.residentTokens())));
            }
            Finished.Reason reason = stream(generation, output);
            return Finished.newBuilder()
                    .setReason(reason)
                    .setCompletionTokens(output.tokens())
                    .setDecodeMicros(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - generation.startNanos()))
                    .build();
        } finally {
            generation.leaveAndAwait();
        }
    }

    /** Sends deltas as fast as the client takes them, several tokens at once when it lags. */
    private Finished.Reason stream(Generation generation, TextOutput output) {
        while (true) {
            await(() -> client.isReady() && (generation.hasToken() || generation.outcome() != null));
            // Read before the tokens are taken: once there is an outcome, no token follows.
            Outcome outcome = generation.outcome();
            while (generation.hasToken() && !output.stopped()) {
                output.add(generation.takeToken());
            }
            if (outcome != null && !output.stopped()) {
                throwIfFailed(outcome);
                output.end();
            }
            output.takeDelta().ifPresent(this::send);
            if (output.stopped() || outcome instanceof Outcome.Stopped) {
                return Finished.Reason.REASON_STOP;
            }
            if (outcome != null) {
                return Finished.Reason.REASON_LENGTH;
            }
        }
    }

    private void awaitRoom(Lease lease) {
        long deadline = arrivalNanos + parts.memoryWait().toNanos();
        while (!lease.granted()) {
            requireClient();
            if (System.nanoTime() - deadline >= 0) {
                throw new TandemException(
                        ErrorCode.OVERLOADED,
                        null,
                        "there was no room for the prompt's encoder memory within "
                                + parts.memoryWait().toMillis()
                                + " ms; try again later, or raise tandem.decoder.encoder-memory or"
                                + " tandem.decoder.memory-wait");
            }
            signal.awaitUntil(deadline);
        }
    }

    private void await(BooleanSupplier condition) {
        requireClient();
        while (!condition.getAsBoolean()) {
            signal.await();
            requireClient();
        }
    }

    private void requireClient() {
        if (cancelled) {
            throw new TandemException(ErrorCode.CANCELLED, null, "the client went away");
        }
    }

    private static void throwIfPresent(Lease lease) {
        if (lease.failure().isPresent()) {
            throw lease.failure().get();
        }
    }

    private static void throwIfFailed(Outcome outcome) {
        if (outcome instanceof Outcome.Failed(TandemException reason)) {
            throw reason;
        }
    }

    private void send(Delta delta) {
        send(GenerateEvent.newBuilder().setDelta(delta));
    }

    private void send(GenerateEvent.Builder event) {
        client.onNext(event.build());
    }

    private void fail(TandemException failure) {
        if (cancelled || failure.code() == ErrorCode.CANCELLED) {
            parts.metrics().cancelled();
            return;
        }
        parts.metrics().failed(failure.code());
        if (failure.code() == ErrorCode.INTERNAL) {
            LOG.error("A call failed", failure);
        }
        client.onError(GrpcErrors.toStatus(failure));
    }
}
