package io.tandem.bench;

import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.checkpoint.TensorNames;
import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.config.TextConfig;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.WeightFormat;

/**
 * Bytes that one step of the decoder must read from memory: its weights, once for the whole batch, and the keys and values of what
 * the encoder read, fp32, once for each answer. What the answers add to them is left out, as are activations, which stay in caches.
 *
 * @param layers bytes of the layers' weights
 * @param head bytes of the language model head, all of it
 * @param headOutputs outputs of the head
 * @param headValues values of the head
 * @param keysPerToken bytes of keys and values a token of the encoder
 */
record StepBytes(double layers, double head, double headOutputs, double headValues, double keysPerToken) {

    static StepBytes of(WeightSource source, WeightFormat format) {
        double layers = 0;
        for (String name : TensorNames.shapes(source.config()).keySet()) {
            layers += name.startsWith("decoder.") ? bytes(source.tensor(name), format) : 0;
        }
        StoredTensor embedding = source.tensor(TensorNames.EMBEDDING);
        TextConfig decoder = source.config().decoder();
        KvShape keys = new KvShape(decoder.layers(), decoder.kvHeads(), decoder.headDim());
        return new StepBytes(
                layers, bytes(embedding, format), embedding.shape()[0], embedding.elements(), keys.bytesPerToken());
    }

    private static double bytes(StoredTensor tensor, WeightFormat format) {
        return switch (format) {
            case STORED -> tensor.data().byteSize();
            case INT8 -> tensor.elements();
        };
    }

    /**
     * @param answers in the batch
     * @param encoderTokens of each
     * @param screened whether an int8 copy of the head with a scale and a bound an output is read in its place
     */
    double of(int answers, int encoderTokens, boolean screened) {
        double read = screened ? headValues + 2 * Float.BYTES * headOutputs : head;
        return layers + read + answers * encoderTokens * keysPerToken;
    }
}
