package io.tandem.gateway.openai;

import io.tandem.gateway.pipeline.GenerationRequest;
import java.util.List;

/**
 * A request's body, understood.
 *
 * @param generations one for each prompt, at least one
 * @param options how the answer is written
 */
public record ApiRequest(List<GenerationRequest> generations, AnswerOptions options) {

    /** Keeps its own copy of the list. */
    public ApiRequest {
        generations = List.copyOf(generations);
    }

    /** The same, reading and keeping only what belongs to one tenant. */
    public ApiRequest ofTenant(String tenant) {
        return new ApiRequest(
                generations.stream()
                        .map(generation -> generation.ofTenant(tenant))
                        .toList(),
                options);
    }

    /** Choices of the answer: those of the first prompt, then those of the second. */
    public int choices() {
        return generations.stream().mapToInt(GenerationRequest::answers).sum();
    }

    /** Sequences that are written at the same time, each of which counts as a request that runs. */
    public int places() {
        return generations.stream().mapToInt(GenerationRequest::places).sum();
    }

    /**
     * How an answer is written.
     *
     * @param model the name that the client used
     * @param stream in pieces, as server-sent events
     * @param includeUsage with a last piece that holds the usage
     * @param returnTokenIds with token ids beside the texts
     * @param logprobs with log probabilities beside the texts
     */
    public record AnswerOptions(
            String model, boolean stream, boolean includeUsage, boolean returnTokenIds, boolean logprobs) {}
}
