package io.tandem.gateway.openai;

import io.tandem.contract.encoder.v1.EmbedRequest;

/**
 * A body of /v1/embeddings, understood.
 *
 * @param embedding what the encoder-service gets
 * @param model the name that the client used
 * @param base64 whether vectors are written as base64 of little-endian fp32, rather than as lists of numbers
 */
public record EmbeddingRequest(EmbedRequest embedding, String model, boolean base64) {

    /** The same, reading and keeping only what belongs to one tenant. */
    public EmbeddingRequest ofTenant(String tenant) {
        return new EmbeddingRequest(embedding.toBuilder().setTenant(tenant).build(), model, base64);
    }
}
