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
import io.tandem.runtime.EngineErrors;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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
    private final Supplier<CallParts> suppliedParts;
    private final Signal signal = new Signal();
    private final long arrivalNanos = System.nanoTime();
    private final Runnable abort = () -> giveUp(ErrorCode.DRAINING);

    /** Why the call is not to be answered any more; null while it is. */
    private volatile ErrorCode givenUp;

    private CallParts parts;
    private volatile Generation running;

    /** @param parts waited for by the call's own thread, as the model may still be loading */
    GenerateCall(GenerateRequest request, ServerCallStreamObserver<GenerateEvent> client, Supplier<CallParts> parts) {
        this.request = request;
        this.client = client;
        this.suppliedParts = parts;
    }

    /** Hears of cancellation, of the deadline and of the client's readiness; must come before gRPC's call returns. */
    void listen() {
        client.setOnCancelHandler(() -> giveUp(ErrorCode.CANCELLED));
        client.setOnReadyHandler(signal::raise);
        client.setOnReadyThreshold(UNSENT_BYTES);
    }

    @Override
    public void run() {
        signal.own();
        if (!begin()) {
            return;
        }
        try {
            Finished finished = answer();
            parts.metrics().answered();
            client.onNext(GenerateEvent.newBuilder().setFinished(finished).build());
            client.onCompleted();
        } catch (TandemException failure) {
            if (failure.code() == ErrorCode.INTERNAL) {
                LOG.error("A call failed", failure);
            }
            fail(failure);
        } catch (RuntimeException | Error failure) {
            fail(EngineErrors.of(failure));
        } finally {
            // A drain waits for this, so the last event must have been handed over before.
            parts.calls().end(abort);
        }
    }

    /** False if the decoder takes no calls. */
    private boolean begin() {
        try {
            parts = suppliedParts.get();
        } catch (RuntimeException failure) {
            LOG.error("There is no decoder to answer a call", failure);
            client.onError(GrpcErrors.toStatus(
                    new TandemException(ErrorCode.UNAVAILABLE, null, "the decoder could not be started", failure)));
            return false;
        }
        try {
            parts.calls().begin(abort);
            return true;
        } catch (TandemException refusal) {
            fail(refusal);
            return false;
        }
    }

    /** On another thread; the step thread hears of it at once, the call's own thread cleans up. */
    private void giveUp(ErrorCode reason) {
        givenUp = reason;
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
            await(() -> generation.outcome() instanceof Outcome.Failed
                    || client.isReady() && (generation.hasToken() || generation.outcome() != null));
            // Read before the tokens are taken: once there is an outcome, no token follows.
            Outcome outcome = generation.outcome();
            while (generation.hasToken() && !output.stopped()) {
                output.add(generation.takeToken());
            }
            if (outcome != null && !output.stopped()) {
                requireWritten(outcome);
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
            requireWanted();
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
        requireWanted();
        while (!condition.getAsBoolean()) {
            signal.await();
            requireWanted();
        }
    }

    private void requireWanted() {
        ErrorCode reason = givenUp;
        if (reason == ErrorCode.CANCELLED) {
            throw new TandemException(reason, null, "the client went away");
        }
        if (reason != null) {
            throw new TandemException(reason, null, "the decoder is shutting down");
        }
    }

    private static void throwIfPresent(Lease lease) {
        if (lease.failure().isPresent()) {
            throw lease.failure().get();
        }
    }

    private void requireWritten(Outcome outcome) {
        switch (outcome) {
            case Outcome.Failed(TandemException reason) -> throw reason;
            case Outcome.Left left -> requireWanted();
            case Outcome.Stopped stopped -> {}
            case Outcome.LengthReached reached -> {}
        }
    }

    private void send(Delta delta) {
        send(GenerateEvent.newBuilder().setDelta(delta));
    }

    private void send(GenerateEvent.Builder event) {
        client.onNext(event.build());
    }

    private void fail(TandemException failure) {
        if (givenUp == ErrorCode.CANCELLED || failure.code() == ErrorCode.CANCELLED) {
            parts.metrics().cancelled();
            return;
        }
        parts.metrics().failed(failure.code());
        client.onError(GrpcErrors.toStatus(failure));
    }
}
