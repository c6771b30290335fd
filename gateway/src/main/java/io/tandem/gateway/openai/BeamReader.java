package io.tandem.gateway.openai;

import io.tandem.contract.decoder.v1.Beams;
import io.tandem.contract.decoder.v1.Beams.EarlyStopping;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Sampling;

/** Reads a beam search, by the names of vLLM and transformers, and refuses what has no meaning in one. */
final class BeamReader {

    private static final double MAX_LENGTH_PENALTY = 10;

    private BeamReader() {}

    /** Passes when nothing in the body speaks of beams. */
    static void requireNone(Field body) {
        for (String name : new String[] {"length_penalty", "early_stopping"}) {
            Field field = body.get(name);
            boolean neutral = name.equals("length_penalty")
                    ? field.isNumber() && field.node().doubleValue() == 1
                    : field.isSet() && field.node().isBoolean() && !field.node().booleanValue();
            if (field.isSet() && !neutral) {
                throw field.invalid("goes with use_beam_search: true only");
            }
        }
    }

    /**
     * Makes a request of the search.
     *
     * @param writing what was read of the body otherwise
     * @param width beams; one alone is the greedy answer, as in transformers
     * @param answers of the hypotheses it finds, at most the width
     */
    static GenerateRequest read(Field body, GenerateRequest writing, int width, int answers) {
        requireNoDraws(body, writing.getSampling());
        Beams.Builder beams = Beams.newBuilder()
                .setWidth(width)
                .setAnswers(answers)
                .setEarlyStopping(earlyStopping(body.get("early_stopping")));
        Field lengthPenalty = body.get("length_penalty");
        if (lengthPenalty.isSet()) {
            beams.setLengthPenalty((float) lengthPenalty.number(-MAX_LENGTH_PENALTY, MAX_LENGTH_PENALTY));
        }
        GenerateRequest.Builder search = writing.toBuilder();
        search.getSamplingBuilder()
                .setTemperature(0)
                .clearTopP()
                .clearTopK()
                .clearMinP()
                .clearSeed();
        if (width == 1) {
            return search.build();
        }
        require(!writing.hasLogprobs(), body.get("logprobs"));
        require(writing.getLimits().getStopCount() == 0, body.get("stop"));
        return search.setBeams(beams).build();
    }

    /** A temperature of 1 is what requests have that don't speak of it. */
    private static void requireNoDraws(Field body, Sampling sampling) {
        require(sampling.getTemperature() == 0 || sampling.getTemperature() == 1, body.get("temperature"));
        require(!sampling.hasTopP() || sampling.getTopP() == 1, body.get("top_p"));
        require(!sampling.hasTopK(), body.get("top_k"));
        require(!sampling.hasMinP() || sampling.getMinP() == 0, body.get("min_p"));
    }

    private static void require(boolean passes, Field field) {
        if (!passes) {
            throw field.invalid("does not go with use_beam_search");
        }
    }

    private static EarlyStopping earlyStopping(Field field) {
        if (field.isText()) {
            if (!field.text().equals("never")) {
                throw field.invalid("must be true, false or \"never\"");
            }
            return EarlyStopping.EARLY_STOPPING_WHEN_HOPELESS;
        }
        return field.flag(false) ? EarlyStopping.EARLY_STOPPING_WHEN_FULL : EarlyStopping.EARLY_STOPPING_HEURISTIC;
    }
}
