package io.tandem.decoder.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.opentelemetry.api.trace.Span;
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
import io.tandem.telemetry.Tracing;
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

    /** The name that OpenTelemetry's conventions for generative AI give it. */
    private static final String OUTPUT_TOKENS = "gen_ai.usage.output_tokens";

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
        Transfer transfer = Tracing.inSpan("decoder.residency", () -> awaitMemories(lease));
        return Tracing.inSpan("decoder.generate", () -> write(parsed, place, lease, transfer));
    }

    /**
     * When a call's encoder memories were granted room and when they were there, by {@link System#nanoTime}.
     */
    private record Transfer(long grantedNanos, long residentNanos) {}

    private Transfer awaitMemories(Lease lease) {
        awaitRoom(lease);
        long granted = System.nanoTime();
        await(lease::settled);
        throwIfPresent(lease);
        Span.current().setAttribute("tandem.decoder.resident_tokens", lease.residentTokens());
        return new Transfer(granted, System.nanoTime());
    }

    private GenerateEvent write(ParsedRequest parsed, WaitingRoom.Place place, Lease lease, Transfer transfer) {
        Generation generation = parts.stepThread().submit(lease.memories(), parsed.generation(), signal);
        running = generation;
        try {
            await(() -> generation.started() || generation.outcome() != null);
            place.close();
            if (generation.started()) {
                long queued =
                        transfer.grantedNanos() - arrivalNanos + generation.startNanos() - transfer.residentNanos();
                parts.metrics().queued(Duration.ofNanos(queued));
                send(GenerateEvent.newBuilder()
                        .setStarted(Started.newBuilder()
                                .setQueueMicros(TimeUnit.NANOSECONDS.toMicros(queued))
                                .setTransferMicros(TimeUnit.NANOSECONDS.toMicros(
                                        transfer.residentNanos() - transfer.grantedNanos()))
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
        boolean waiting = true;
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
            if (waiting && output.tokens() > 0) {
                waiting = false;
                Span.current().addEvent("gen_ai.first_token");
            }
            output.takeDelta().ifPresent(this::send);
            boolean stopped = output.stopped() || outcome instanceof Outcome.Stopped;
            if (stopped || outcome != null) {
                Span.current().setAttribute(OUTPUT_TOKENS, output.tokens());
                return finished(generation, output, stopped).build();
            }
        }
    }

    /** Sends what a search has found, one answer after the other, but for the last event. */
    private GenerateEvent sendFound(Generation generation, ParsedRequest parsed) {
        List<Hypothesis> answers = found(generation);
        int tokens = 0;
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
            GenerateEvent.Builder end =
                    finished(generation, output, answer.stopped()).setAnswer(number);
            tokens += output.tokens();
            if (i == answers.size() - 1) {
                Span.current().setAttribute(OUTPUT_TOKENS, tokens);
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

    private static GenerateEvent.Builder finished(Generation generation, TextOutput output, boolean stopped) {
        return GenerateEvent.newBuilder()
                .setFinished(Finished.newBuilder()
                        .setReason(stopped ? Finished.Reason.REASON_STOP : Finished.Reason.REASON_LENGTH)
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
