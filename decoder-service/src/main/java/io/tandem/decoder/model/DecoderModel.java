package io.tandem.decoder.model;

import io.tandem.decoder.config.DecoderConfig;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.ModelIdentity;
import java.util.List;

/**
 * The model as the decoder needs it; closed by whoever opened it, after the decoder.
 *
 * @param runner runs steps
 * @param tokenizer of the same checkpoint
 * @param stopTokens end every output
 * @param identity of the models whose states it can use
 */
public record DecoderModel(
        DecoderRunner runner, Tokenizer tokenizer, List<Integer> stopTokens, ModelIdentity identity) {

    public DecoderModel {
        stopTokens = List.copyOf(stopTokens);
    }

    /**
     * The decoder of a loaded engine, with pages as the settings say.
     *
     * @throws IllegalArgumentException if there is no memory for a single page
     */
    public static DecoderModel of(Engine engine, Tokenizer tokenizer, DecoderConfig config) {
        if (config.pageTokens() < 1) {
            throw new IllegalArgumentException(
                    "tandem.decoder.page-tokens is " + config.pageTokens() + "; it must be at least 1");
        }
        long pageBytes = engine.pageBytesPerToken() * config.pageTokens();
        long affordable = config.pageMemory().bytes() / pageBytes;
        if (affordable < 1) {
            throw new IllegalArgumentException("tandem.decoder.page-memory is "
                    + config.pageMemory().bytes() + " bytes, one page of tandem.decoder.page-tokens "
                    + config.pageTokens() + " takes " + pageBytes + "; raise the one or lower the other");
        }
        int maxTokens = engine.config().decoder().maxPositions();
        long useful = (long) config.maxBatch() * Math.ceilDiv(maxTokens, config.pageTokens());
        int pages = Math.toIntExact(Math.min(Math.min(affordable, useful), Integer.MAX_VALUE));
        return new DecoderModel(
                engine.newDecoderRunner(pages, config.pageTokens()),
                tokenizer,
                engine.config().stopTokens(),
                ModelIdentity.of(engine));
    }
}
