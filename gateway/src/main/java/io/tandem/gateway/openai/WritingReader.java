package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.contract.encoder.v1.TokenIds;
import java.util.List;

/** Reads how the answer is to be written: sampling, limits, stops and prefix, which chat and completions share. */
final class WritingReader {

    private static final int MAX_STOPS = 4;
    private static final double MAX_TEMPERATURE = 2;
    /** OpenAI's default. */
    private static final float DEFAULT_TEMPERATURE = 1;

    private final ServedModel model;

    WritingReader(ServedModel model) {
        this.model = model;
    }

    /**
     * Reads everything but the limit of tokens, whose name differs from route to route.
     *
     * @param maxTokens new tokens at most, 0 for as many as fit
     */
    GenerateRequest.Builder read(Field body, int maxTokens) {
        GenerateRequest.Builder writing = GenerateRequest.newBuilder()
                .setSampling(sampling(body))
                .setLimits(Limits.newBuilder()
                        .setMaxTokens(maxTokens)
                        .addAllStop(stops(body.get("stop")))
                        .addAllStopTokenIds(ids(body.get("stop_token_ids"))))
                .setReturnTokenIds(body.get("return_token_ids").flag(false));
        Field prefix = body.get("decoder_prefix");
        if (prefix.isText()) {
            writing.setPrefixText(prefix.text());
        } else if (prefix.isSet()) {
            writing.setPrefixTokenIds(TokenIds.newBuilder().addAllIds(ids(prefix)));
        }
        return writing;
    }

    /**
     * Reads a limit of tokens.
     *
     * @param whenAbsent what holds without one
     */
    int maxTokens(Field field, int whenAbsent) {
        if (!field.isSet()) {
            return whenAbsent;
        }
        int tokens = (int) field.integer(1, Integer.MAX_VALUE);
        if (tokens > model.maxDecoderTokens()) {
            throw field.failure(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    "is %,d, and this model writes at most %,d tokens".formatted(tokens, model.maxDecoderTokens()));
        }
        return tokens;
    }

    private static Sampling sampling(Field body) {
        Sampling.Builder sampling = Sampling.newBuilder().setTemperature(DEFAULT_TEMPERATURE);
        Field temperature = body.get("temperature");
        if (temperature.isSet()) {
            sampling.setTemperature((float) temperature.number(0, MAX_TEMPERATURE));
        }
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
        Field seed = body.get("seed");
        if (seed.isSet()) {
            sampling.setSeed(seed.integer(Long.MIN_VALUE, Long.MAX_VALUE));
        }
        return sampling.build();
    }

    private static List<String> stops(Field stop) {
        if (!stop.isSet()) {
            return List.of();
        }
        List<Field> stops = stop.isText() ? List.of(stop) : stop.items();
        if (stops.size() > MAX_STOPS) {
            throw stop.invalid("has %d strings, limit %d".formatted(stops.size(), MAX_STOPS));
        }
        return stops.stream()
                .map(item -> {
                    if (item.text().isEmpty()) {
                        throw item.invalid("must not be empty");
                    }
                    return item.text();
                })
                .toList();
    }

    private List<Integer> ids(Field field) {
        return field.isSet() ? field.tokenIds(model.vocabularySize()) : List.of();
    }
}
