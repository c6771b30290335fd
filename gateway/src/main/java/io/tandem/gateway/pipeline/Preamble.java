package io.tandem.gateway.pipeline;

import java.util.List;

/**
 * What is known when an answer begins.
 *
 * @param decoder the decoder-service that writes
 * @param cacheUse how much of the prompt was in the cache
 * @param promptTokenIds the prompt as the encoder read it, documents not included
 * @param timings so far
 */
public record Preamble(String decoder, CacheUse cacheUse, List<Integer> promptTokenIds, Timings timings) {}
