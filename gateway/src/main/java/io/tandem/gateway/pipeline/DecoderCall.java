package io.tandem.gateway.pipeline;

import com.google.protobuf.ByteString;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Started;
import io.tandem.gateway.routing.Instance;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One try to have an encoded prompt answered, by one decoder. Used by the request's thread. */
final class DecoderCall {

    private final GenerateRequest request;
    private final ReadPrompt prompt;

    private Started started = Started.getDefaultInstance();

    /**
     * @param request what the client asked for, still without its segments
     * @param prompt to be answered
     */
    DecoderCall(GenerateRequest request, ReadPrompt prompt) {
        this.request = request.toBuilder()
                .addAllSegments(prompt.segments())
                .setModel(prompt.model())
                .build();
        this.prompt = prompt;
    }

    ByteString routingKey() {
        return prompt.routingKey();
    }

    /** The only model that can use the prompt's states. */
    String model() {
        return prompt.model();
    }

    /**
     * Calls the decoder and hands its answers on.
     *
     * @return how each of them ended
     * @throws TandemException the decoder's failure
     */
    List<Outcome> run(Instance decoder, Answer answer, RequestScope scope) {
        started = Started.getDefaultInstance();
        GenerationEvents events = new GenerationEvents(scope);
        scope.run(() -> DecoderServiceGrpc.newStub(decoder.channel()).generate(request, events));
        Outcome[] outcomes = new Outcome[answer.count()];
        // Read to the end of the stream: a call left open would count as cancelled.
        for (Optional<GenerateEvent> event = events.next(); event.isPresent(); event = events.next()) {
            int number = Objects.checkIndex(event.get().getAnswer(), outcomes.length);
            switch (event.get().getEventCase()) {
                case STARTED -> started = event.get().getStarted();
                case DELTA -> {
                    answer.begin(preamble(decoder));
                    answer.delta(number, event.get().getDelta());
                }
                case FINISHED -> {
                    answer.begin(preamble(decoder));
                    outcomes[number] = outcome(event.get().getFinished());
                }
                // An event of a newer protocol: nothing that this gateway needs.
                case EVENT_NOT_SET -> {}
            }
        }
        if (Arrays.asList(outcomes).contains(null)) {
            throw new TandemException(ErrorCode.INTERNAL, null, "The decoder-service's answer has no end.");
        }
        return List.of(outcomes);
    }

    private Preamble preamble(Instance decoder) {
        CacheUse cacheUse = CacheUse.of(TokenCounts.of(prompt.segments(), 0));
        return new Preamble(decoder.id(), cacheUse, prompt.encoded().getPromptTokenIdsList(), timings(0));
    }

    private Outcome outcome(Finished finished) {
        Outcome.Finish finish =
                switch (finished.getReason()) {
                    case REASON_LENGTH -> Outcome.Finish.LENGTH;
                    case REASON_STOP, REASON_UNSPECIFIED, UNRECOGNIZED -> Outcome.Finish.STOP;
                };
        TokenCounts tokens = TokenCounts.of(prompt.segments(), finished.getCompletionTokens());
        return new Outcome(finish, tokens, timings(finished.getDecodeMicros()));
    }

    private Timings timings(long decodeMicros) {
        return new Timings(
                started.getQueueMicros(),
                0,
                prompt.timings().vision(),
                prompt.timings().encode(),
                started.getTransferMicros(),
                decodeMicros);
    }
}
