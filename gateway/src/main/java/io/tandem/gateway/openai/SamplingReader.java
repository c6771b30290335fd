package io.tandem.gateway.openai;

import io.tandem.contract.decoder.v1.Sampling;
import java.util.Map;

/** Reads how tokens are chosen: draws, penalties and biases, which chat and completions share. */
final class SamplingReader {

    private static final double MAX_TEMPERATURE = 2;
    /** OpenAI's default. */
    private static final float DEFAULT_TEMPERATURE = 1;

    private static final double MAX_PENALTY = 2;
    private static final double MIN_REPETITION = 0.01;
    private static final double MAX_REPETITION = 100;
    private static final double MAX_BIAS = 100;
    /** Each costs a step a little; nobody was seen to need more than some hundred. */
    private static final int MAX_BIASES = 1024;

    private final ServedModel model;

    SamplingReader(ServedModel model) {
        this.model = model;
    }

    Sampling read(Field body) {
        Sampling.Builder sampling = Sampling.newBuilder().setTemperature(DEFAULT_TEMPERATURE);
        Field temperature = body.get("temperature");
        if (temperature.isSet()) {
            sampling.setTemperature((float) temperature.number(0, MAX_TEMPERATURE));
        }
        restrict(body, sampling);
        Field seed = body.get("seed");
        if (seed.isSet()) {
            sampling.setSeed(seed.integer(Long.MIN_VALUE, Long.MAX_VALUE));
        }
        penalise(body, sampling);
        return sampling.build();
    }

    private static void restrict(Field body, Sampling.Builder sampling) {
        Field topP = body.get("top_p");
        if (topP.isSet()) {
            float mass = (float) topP.number(0, 1);
            if (mass > 0) {
                sampling.setTopP(mass);
            } else {
                // Nothing but the most probable token is left: that is greedy.
                sampling.setTemperature(0);
            }
        }
        Field topK = body.get("top_k");
        // vLLM's two ways to say "off" are -1 and 0.
        if (topK.isSet() && topK.integer(-1, Integer.MAX_VALUE) > 0) {
            sampling.setTopK((int) topK.integer(1, Integer.MAX_VALUE));
        }
        Field minP = body.get("min_p");
        if (minP.isSet()) {
            sampling.setMinP((float) minP.number(0, 1));
        }
    }

    private void penalise(Field body, Sampling.Builder sampling) {
        Field frequency = body.get("frequency_penalty");
        if (frequency.isSet()) {
            sampling.setFrequencyPenalty((float) frequency.number(-MAX_PENALTY, MAX_PENALTY));
        }
        Field presence = body.get("presence_penalty");
        if (presence.isSet()) {
            sampling.setPresencePenalty((float) presence.number(-MAX_PENALTY, MAX_PENALTY));
        }
        Field repetition = body.get("repetition_penalty");
        if (repetition.isSet()) {
            sampling.setRepetitionPenalty((float) repetition.number(MIN_REPETITION, MAX_REPETITION));
        }
        Field bias = body.get("logit_bias");
        if (bias.isSet()) {
            bias(bias, sampling);
        }
    }

    private void bias(Field field, Sampling.Builder sampling) {
        Map<String, Field> members = field.members();
        if (members.size() > MAX_BIASES) {
            throw field.invalid("has %d tokens, limit %d".formatted(members.size(), MAX_BIASES));
        }
        members.forEach((token, value) ->
                sampling.putLogitBias(tokenId(field, token), (float) value.number(-MAX_BIAS, MAX_BIAS)));
    }

    private int tokenId(Field field, String token) {
        // Ten digits hold every int, and no sign or zero in front gives an id a second spelling.
        if (!token.matches("0|[1-9][0-9]{0,9}") || Long.parseLong(token) >= model.vocabularySize()) {
            throw field.invalid("has the key \"%s\"; keys are token ids from 0 to %d"
                    .formatted(JsonBody.shortened(token), model.vocabularySize() - 1));
        }
        return Integer.parseInt(token);
    }
}
