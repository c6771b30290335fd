package io.tandem.decoder.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.tandem.contract.ErrorCode;
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
import io.tandem.engine.beams.Hypothesis;
import io.tandem.engine.sampling.TokenLogprobs;
import io.tandem.runtime.calls.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The work of one call, from top to bottom, on the call's own virtual thread.
 *
 * <p>Everything that the call holds is given back before the client sees its end.
 */
final class GenerateCall {

    /** Bytes that gRPC takes in advance for a client that lags: some hundred tokens, the rest waits in the buffer. */
    private static final int UNSENT_BYTES = 4096;

    private final GenerateRequest request;
    private final ServerCallStreamObserver<GenerateEvent> client;
    private final CallParts parts;
    private final Signal signal = new Signal();
    private final long arrivalNanos = System.nanoTime();

    private Call call;
    private volatile Generation running;

    GenerateCall(GenerateRequest request, ServerCallStreamObserver<GenerateEvent> client, CallParts parts) {
        this.request = request;
        this.client = client;
        this.parts = parts;
    }

    /** Hears of the client's readiness; must come before gRPC's call returns. */
    void listen() {
        client.setOnReadyHandler(signal::raise);
        client.setOnReadyThreshold(UNSENT_BYTES);
    }

    /** Sends the answer but for its last event, which it returns. */
    GenerateEvent answer(Call begun) {
        signal.own();
        call = begun;
        call.onEnd(this::giveUp);
        ParsedRequest parsed = parts.reader().read(request);
        try (WaitingRoom.Place place = parts.waitingRoom().enter();
                Lease lease = parts.residency().lease(parsed.segments(), signal::raise)) {
            return generate(parsed, place, lease);
        }
    }

    /** On another thread; the step thread hears of it at once, the call's own thread cleans up. */
    private void giveUp() {
        Generation current = running;
        if (current != null) {
            current.leave();
        }
        signal.raise();
    }

    private GenerateEvent generate(ParsedRequest parsed, WaitingRoom.Place place, Lease lease) {
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
            return parsed.generation().extras().beams().isPresent()
                    ? sendFound(generation, parsed)
                    : stream(generation, parsed);
        } finally {
            generation.leaveAndAwait();
        }
    }

    /** Sends deltas as fast as the client takes them, several tokens at once when it lags. */
    private GenerateEvent stream(Generation generation, ParsedRequest parsed) {
        TextOutput output = new TextOutput(parsed, parts.tokenizer());
        while (true) {
            await(() -> generation.outcome() instanceof Outcome.Failed
                    || client.isReady() && (generation.hasToken() || generation.outcome() != null));
            // Read before the tokens are taken: once there is an outcome, no token follows.
            Outcome outcome = generation.outcome();
            while (generation.hasToken() && !output.stopped()) {
                TokenLogprobs logprobs = generation.nextLogprobs();
                output.add(generation.takeToken(), logprobs);
            }
            if (outcome != null && !output.stopped()) {
                requireWritten(outcome);
                output.end();
            }
            output.takeDelta().ifPresent(this::send);
            if (output.stopped() || outcome instanceof Outcome.Stopped) {
                return finished(generation, output, Finished.Reason.REASON_STOP).build();
            }
            if (outcome != null) {
                return finished(generation, output, Finished.Reason.REASON_LENGTH)
                        .build();
            }
        }
    }

    /** Sends what a search has found, one answer after the other, but for the last event. */
    private GenerateEvent sendFound(Generation generation, ParsedRequest parsed) {
        List<Hypothesis> answers = found(generation);
        for (int i = 0; ; i++) {
            Hypothesis answer = answers.get(i);
            int number = i;
            TextOutput output = new TextOutput(parsed, parts.tokenizer());
            for (int token : answer.tokens()) {
                output.add(token, null);
            }
            output.end();
            await(client::isReady);
            output.takeDelta()
                    .ifPresent(delta ->
                            send(GenerateEvent.newBuilder().setDelta(delta).setAnswer(number)));
            Finished.Reason reason = answer.stopped() ? Finished.Reason.REASON_STOP : Finished.Reason.REASON_LENGTH;
            GenerateEvent.Builder end = finished(generation, output, reason).setAnswer(number);
            if (i == answers.size() - 1) {
                return end.build();
            }
            send(end);
        }
    }

    private List<Hypothesis> found(Generation generation) {
        await(() -> generation.outcome() != null);
        if (generation.outcome() instanceof Outcome.Found(List<Hypothesis> answers)) {
            return answers;
        }
        requireWritten(generation.outcome());
        throw new IllegalStateException("the search has ended without answers");
    }

    private static GenerateEvent.Builder finished(Generation generation, TextOutput output, Finished.Reason reason) {
        return GenerateEvent.newBuilder()
                .setFinished(Finished.newBuilder()
                        .setReason(reason)
                        .setCompletionTokens(output.tokens())
                        .setDecodeMicros(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - generation.startNanos())));
    }

    private void awaitRoom(Lease lease) {
        long deadline = arrivalNanos + parts.memoryWait().toNanos();
        while (!lease.granted()) {
            call.requireWanted();
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
        call.requireWanted();
        while (!condition.getAsBoolean()) {
            signal.await();
            call.requireWanted();
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
            case Outcome.Left left -> call.requireWanted();
            case Outcome.Stopped stopped -> {}
            case Outcome.LengthReached reached -> {}
            case Outcome.Found found -> {}
        }
    }

    private void send(Delta delta) {
        send(GenerateEvent.newBuilder().setDelta(delta));
    }

    private void send(GenerateEvent.Builder event) {
        client.onNext(event.build());
    }
}
