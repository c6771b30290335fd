package io.tandem.decoder;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.text.Tokenizer;
import java.util.List;

/**
 * The model as the decoder needs it; closed by whoever opened it, after the decoder.
 *
 * @param runner runs steps
 * @param tokenizer of the same checkpoint
 * @param stopTokens end every output
 */
public record DecoderModel(DecoderRunner runner, Tokenizer tokenizer, List<Integer> stopTokens) {

    public DecoderModel {
        stopTokens = List.copyOf(stopTokens);
    }
}
