package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.encoder.v1.TokenIds;
import java.util.List;

/** Reads how the answer is to be written: sampling, limits, stops and prefix, which chat and completions share. */
final class WritingReader {

    private static final int MAX_STOPS = 4;

    private final ServedModel model;
    private final SamplingReader samplingReader;

    WritingReader(ServedModel model) {
        this.model = model;
        this.samplingReader = new SamplingReader(model);
    }

    /**
     * Reads everything but the limit of tokens, whose name differs from route to route.
     *
     * @param maxTokens new tokens at most, 0 for as many as fit
     */
    GenerateRequest.Builder read(Field body, int maxTokens) {
        GenerateRequest.Builder writing = GenerateRequest.newBuilder()
                .setSampling(samplingReader.read(body))
                .setLimits(Limits.newBuilder()
                        .setMaxTokens(maxTokens)
                        .addAllStop(stops(body.get("stop")))
                        .addAllStopTokenIds(ids(body.get("stop_token_ids")))
                        .setMinTokens(minTokens(body.get("min_tokens"), maxTokens))
                        .setIgnoreEos(body.get("ignore_eos").flag(false)))
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

    private int minTokens(Field field, int maxTokens) {
        int most = maxTokens > 0 ? maxTokens : model.maxDecoderTokens();
        return field.isSet() ? (int) field.integer(0, most) : 0;
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
