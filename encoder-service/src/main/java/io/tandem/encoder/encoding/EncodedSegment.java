package io.tandem.encoder.encoding;

import io.tandem.cache.ContentKey;

/**
 * A segment whose states are in the cache.
 *
 * @param key where they are, {@code [tokens, hiddenSize]}
 * @param tokens rows
 * @param imageTokens soft tokens among them
 * @param cached false if they were computed for this call
 */
public record EncodedSegment(ContentKey key, int tokens, int imageTokens, boolean cached) {}
