package io.tandem.gateway.pipeline;

import io.grpc.Status;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.vision.v1.Image;
import io.tandem.gateway.routing.DecoderRouter;
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
     * Writes an answer to a prompt, or those of a search. If the cache has lost the prompt meanwhile it is read again, once, unless the answer
     * has begun.
     *
     * @param writing one of the request's
     * @param sinks one for each answer that comes of it
     * @return how each of them ended
     * @throws TandemException the failure, for the client
     */
    List<Outcome> write(
            GenerationRequest request,
            GenerateRequest writing,
            ReadPrompt prompt,
            List<? extends GenerationSink> sinks,
            RequestScope scope) {
        Answer answer = new Answer(sinks);
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
        List<Image> images = vision.encode(request.pictures(), request.reading().getTenant(), scope);
        long seen = System.nanoTime();
        EncodeReply encoded = encoder.encode(request.reading(images), scope);
        if (encoded.getSegmentsCount() == 0) {
            throw new TandemException(ErrorCode.INTERNAL, null, "The encoder-service answered without segments.");
        }
        return new ReadPrompt(encoded, new Timings(0, micros(start, seen), micros(seen, System.nanoTime()), 0, 0));
    }

    /** Tries one decoder after the other, as long as they cannot be reached. */
    private List<Outcome> write(DecoderCall call, Answer answer, RequestScope scope) {
        Set<String> tried = new HashSet<>();
        while (true) {
            // Outside the try: when no decoder is left, that is the end.
            DecoderRouter.Lease lease = router.lease(call.routingKey(), tried);
            try (lease) {
                return call.run(lease.decoder(), answer, scope);
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
