package io.tandem.gateway.openai;

import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.config.GatewayConfig;

/**
 * What a request may bring.
 *
 * @param maxPictures pictures
 * @param maxPictureBytes bytes of one picture's file
 * @param maxPrompts prompts of one request to /v1/completions
 * @param maxChoices answers to one prompt
 * @param maxDocuments documents
 * @param maxFileBytes bytes of a file that comes with a request
 * @param maxInputs texts of one request to /v1/embeddings
 */
public record RequestLimits(
        int maxPictures,
        long maxPictureBytes,
        int maxPrompts,
        int maxChoices,
        int maxDocuments,
        long maxFileBytes,
        int maxInputs) {

    /** As configured. */
    public static RequestLimits of(GatewayConfig config, FilesConfig files) {
        return new RequestLimits(
                config.images().maxCount(),
                config.images().maxSize().asLongValue(),
                config.counts().maxPrompts(),
                config.counts().maxChoices(),
                config.counts().maxDocuments(),
                files.maxFileSize().asLongValue(),
                config.counts().maxInputs());
    }
}
