package io.tandem.gateway.openai;

import io.tandem.contract.decoder.v1.TokenLogprob;
import io.tandem.gateway.pipeline.Outcome;
import java.util.List;

/**
 * One finished answer among a request's.
 *
 * @param index its place
 * @param text what was written
 * @param tokenIds the tokens behind it, when asked for
 * @param logprobs of these tokens, when asked for
 * @param promptTokenIds what the encoder read
 * @param finish why it ended
 */
public record Choice(
        int index,
        String text,
        List<Integer> tokenIds,
        List<TokenLogprob> logprobs,
        List<Integer> promptTokenIds,
        Outcome.Finish finish) {}
