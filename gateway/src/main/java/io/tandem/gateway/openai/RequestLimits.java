package io.tandem.gateway.openai;

/**
 * What a request may bring.
 *
 * @param maxPictures pictures
 * @param maxPictureBytes bytes of one picture's file
 * @param maxPrompts prompts of one request to /v1/completions
 * @param maxDocuments documents
 */
public record RequestLimits(int maxPictures, long maxPictureBytes, int maxPrompts, int maxDocuments) {}
