package io.tandem.engine.runner;

import java.nio.file.Path;

/**
 * How to open an {@link Engine}.
 *
 * @param model checkpoint directory
 * @param backend name of an {@link io.tandem.engine.ops.OpsProvider}
 * @param threads threads that compute; 0 for one a core
 * @param pageBytes bytes for the decoder's own keys and values
 * @param pageTokens tokens a page holds
 */
public record EngineOptions(Path model, String backend, int threads, long pageBytes, int pageTokens) {}
