package io.tandem.gateway.pipeline;

import java.util.List;

/** Runs the prompts of one request, and the answers to each. Thread-safe; blocks its thread, a virtual one. */
@FunctionalInterface
public interface Generations {

    /**
     * Runs all and returns when none is running any more.
     *
     * @param sinks one for each answer: those to the first prompt, then those to the second
     * @return in the order of the sinks; a prompt's tokens are counted with the first of its answers
     * @throws io.tandem.contract.TandemException the first failure
     */
    List<Outcome> run(List<GenerationRequest> requests, List<? extends GenerationSink> sinks, RequestScope scope);
}
