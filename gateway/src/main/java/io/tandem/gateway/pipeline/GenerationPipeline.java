package io.tandem.gateway.pipeline;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.vision.v1.Image;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.Router;
import io.tandem.telemetry.Tracing;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The two halves of an answer: a prompt is read, then answers to it are written. Thread-safe; every call blocks its thread, a virtual one. */
public final class GenerationPipeline {

    private final VisionClient vision;
    private final EncoderClient encoder;
    private final Router decoders;
    private final Attempts attempts;

    /**
     * @param vision reads pictures
     * @param encoder reads prompts
     * @param decoders knows those that write
     * @param attempts calls them
     */
    public GenerationPipeline(VisionClient vision, EncoderClient encoder, Router decoders, Attempts attempts) {
        this.vision = vision;
        this.encoder = encoder;
        this.decoders = decoders;
        this.attempts = attempts;
    }

    /**
     * Sees to it that a prompt's states are in the cache. What was lost on the way is made again, once for each picture, and so is what
     * was made for a model that requests are not answered with any more.
     *
     * @throws TandemException the failure, for the client
     */
    ReadPrompt read(GenerationRequest request, RequestScope scope) {
        Rereading rereading = new Rereading(request.pictures().size());
        while (true) {
            try {
                return readOnce(request, scope);
            } catch (TandemException failure) {
                if (!rereading.mayHelp(failure)) {
                    throw failure;
                }
                attempts.lost(failure);
            }
        }
    }

    /**
     * Writes an answer to a prompt, or those of a search. What the cache has lost of the prompt meanwhile is read again, once for each
     * segment, and so is a prompt that was read for another model than requests are answered with by now, unless a client has seen some
     * of the answer.
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
        Rereading rereading = new Rereading(prompt.segments().size());
        Supplier<ReadPrompt> readable = () -> prompt;
        while (true) {
            try {
                return write(new DecoderCall(writing, readable.get()), answer, scope);
            } catch (TandemException failure) {
                if (!rereading.mayHelp(failure) || !answer.restart()) {
                    throw failure;
                }
                attempts.lost(failure);
                readable = () -> readOnce(request, scope);
            }
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
        return new ReadPrompt(encoded, new Timings(0, 0, micros(start, seen), micros(seen, System.nanoTime()), 0, 0));
    }

    private List<Image> pictures(GenerationRequest request, RequestScope scope) {
        if (request.pictures().isEmpty()) {
            return List.of();
        }
        return Tracing.inSpan(
                "gateway.vision",
                () -> vision.encode(request.pictures(), request.reading().getTenant(), scope));
    }

    private List<Outcome> write(DecoderCall call, Answer answer, RequestScope scope) {
        return attempts.run(decoders, call.routingKey(), scope, new Attempts.Step<>() {
            @Override
            public List<Outcome> run(Instance decoder) {
                return Tracing.inSpan("gateway.decode", () -> call.run(decoder, answer, scope));
            }

            @Override
            public Optional<String> model() {
                return Optional.of(call.model());
            }

            @Override
            public boolean restart() {
                return answer.restart();
            }
        });
    }

    private static long micros(long fromNanos, long toNanos) {
        return TimeUnit.NANOSECONDS.toMicros(toNanos - fromNanos);
    }
}
