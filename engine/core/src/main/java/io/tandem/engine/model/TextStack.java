package io.tandem.engine.model;

import io.tandem.engine.config.TextConfig;
import io.tandem.engine.ops.Embedding;
import io.tandem.engine.ops.RmsNorm;
import java.util.List;

/**
 * One text stack: what the encoder and the decoder have in common.
 *
 * @param config its dimensions
 * @param embedding the table that encoder, decoder and language model head share
 * @param layers in order
 * @param norm after the last layer
 */
record TextStack(TextConfig config, Embedding embedding, List<TextLayer> layers, RmsNorm norm) {

    TextStack {
        layers = List.copyOf(layers);
    }
}
