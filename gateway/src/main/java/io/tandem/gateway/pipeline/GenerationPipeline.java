package io.tandem.gateway.pipeline;

import io.grpc.Status;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.vision.v1.Image;
import io.tandem.gateway.routing.DecoderRouter;
import io.tandem.telemetry.Tracing;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The two halves of an answer: a prompt is read, then answers to it are written. Thread-safe; every call blocks its thread, a virtual one. */
public final class GenerationPipeline {

    private final VisionClient vision;
    private final EncoderClient encoder;
    private final DecoderRouter router;
    private final Consumer<ErrorCode> triedAgain;

    /**
     * @param vision reads pictures
     * @param encoder reads prompts
     * @param router knows the decoders
     * @param triedAgain hears why, each time something is tried again; called by any thread
     */
    public GenerationPipeline(
            VisionClient vision, EncoderClient encoder, DecoderRouter router, Consumer<ErrorCode> triedAgain) {
        this.vision = vision;
        this.encoder = encoder;
        this.router = router;
        this.triedAgain = triedAgain;
    }

    /**
     * Sees to it that a prompt's states are in the cache. What was lost on the way is made again, once.
     *
     * @throws TandemException the failure, for the client
     */
    ReadPrompt read(GenerationRequest request, RequestScope scope) {
        try {
            return readOnce(request, scope);
        } catch (TandemException failure) {
            if (failure.code() != ErrorCode.STATE_LOST) {
                throw failure;
            }
            triedAgain.accept(failure.code());
            return readOnce(request, scope);
        }
    }

    /**
     * Writes one of the answers to a prompt. If the cache has lost the prompt meanwhile it is read again, once, unless the answer
     * has begun.
     *
     * @param choice which of the request's answers
     * @throws TandemException the failure, for the client
     */
    Outcome write(GenerationRequest request, int choice, ReadPrompt prompt, GenerationSink sink, RequestScope scope) {
        GenerateRequest writing = request.writings().get(choice);
        Answer answer = new Answer(sink);
        try {
            return write(new DecoderCall(writing, prompt), answer, scope);
        } catch (TandemException failure) {
            if (failure.code() != ErrorCode.STATE_LOST || answer.hasBegun()) {
                throw failure;
            }
            triedAgain.accept(failure.code());
            return write(new DecoderCall(writing, readOnce(request, scope)), answer, scope);
        }
    }

    private ReadPrompt readOnce(GenerationRequest request, RequestScope scope) {
        long start = System.nanoTime();
        List<Image> images = pictures(request, scope);
        long seen = System.nanoTime();
        EncodeReply encoded = Tracing.inSpan("gateway.encode", () -> encoder.encode(request.reading(images), scope));
        if (encoded.getSegmentsCount() == 0) {
            throw new TandemException(ErrorCode.INTERNAL, null, "The encoder-service answered without segments.");
        }
        return new ReadPrompt(encoded, new Timings(0, micros(start, seen), micros(seen, System.nanoTime()), 0, 0));
    }

    private List<Image> pictures(GenerationRequest request, RequestScope scope) {
        if (request.pictures().isEmpty()) {
            return List.of();
        }
        return Tracing.inSpan(
                "gateway.vision",
                () -> vision.encode(request.pictures(), request.reading().getTenant(), scope));
    }

    /** Tries one decoder after the other, as long as they cannot be reached. */
    private Outcome write(DecoderCall call, Answer answer, RequestScope scope) {
        Set<String> tried = new HashSet<>();
        while (true) {
            // Outside the try: when no decoder is left, that is the end.
            DecoderRouter.Lease lease = router.lease(call.routingKey(), tried);
            try (lease) {
                return Tracing.inSpan("gateway.decode", () -> call.run(lease.decoder(), answer, scope));
            } catch (TandemException failure) {
                if (failure.code().grpcStatus() != Status.Code.UNAVAILABLE || answer.hasBegun()) {
                    throw failure;
                }
                tried.add(lease.decoder().id());
                triedAgain.accept(failure.code());
            }
        }
    }

    private static long micros(long fromNanos, long toNanos) {
        return TimeUnit.NANOSECONDS.toMicros(toNanos - fromNanos);
    }
}
