package io.tandem.decoder.scheduling;

import io.tandem.engine.beams.BeamParameters;
import io.tandem.engine.sampling.LogitRules;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.Optional;

/**
 * What output to write. Immutable; the arrays are not to be changed.
 *
 * @param prefix tokens forced after the start token
 * @param maxTokens new tokens at most, at least 1
 * @param stopTokens tokens that end the output
 * @param sampling how tokens are chosen
 * @param source tokens that the encoder read, to guess from; empty if they are not known
 * @param extras what few requests ask for
 */
public record GenerationRequest(
        int[] prefix, int maxTokens, int[] stopTokens, SamplingParameters sampling, int[] source, Extras extras) {

    /**
     * What few requests ask for. Immutable.
     *
     * @param rules how logits are changed before a token is chosen
     * @param minTokens new tokens before one may be a stop token, at most {@code maxTokens}
     * @param logprobs best tokens whose log probabilities come with each token's own; {@link #NO_LOGPROBS} for none at all
     * @param beams the search that finds the output, if one does; it makes no draws and gives no log probabilities
     */
    public record Extras(LogitRules rules, int minTokens, int logprobs, Optional<BeamParameters> beams) {

        /** Not even the log probability of the token itself. */
        public static final int NO_LOGPROBS = -1;

        /** Nothing of it. */
        public static final Extras NONE = new Extras(LogitRules.NONE, 0, NO_LOGPROBS, Optional.empty());
    }

    /** A request without extras. */
    public GenerationRequest(int[] prefix, int maxTokens, int[] stopTokens, SamplingParameters sampling, int[] source) {
        this(prefix, maxTokens, stopTokens, sampling, source, Extras.NONE);
    }

    /** Whether a token is chosen from logits, or else the most probable one is taken. */
    boolean readsLogits(int generated) {
        return !sampling.greedy()
                || wantsLogprobs()
                || extras.beams().isPresent()
                || extras.rules().active()
                || generated < extras.minTokens();
    }

    /** Whether tokens come with log probabilities. */
    boolean wantsLogprobs() {
        return extras.logprobs() != Extras.NO_LOGPROBS;
    }

    /** Whether this token ends the output. */
    public boolean stopsAt(int token) {
        for (int stop : stopTokens) {
            if (stop == token) {
                return true;
            }
        }
        return false;
    }

    /** Sequences that write it at most. */
    int width() {
        return extras.beams().map(BeamParameters::width).orElse(1);
    }

    /** Tokens whose keys and values each of them stores at most: start token, prefix and all new tokens but the last. */
    long storedTokens() {
        return (long) prefix.length + maxTokens;
    }
}
