package io.tandem.engine.runner;

/**
 * Occupancy of the decoder's pages.
 *
 * @param free pages that nobody uses
 * @param total pages there are
 * @param pageTokens tokens a page holds
 */
public record PageUsage(int free, int total, int pageTokens) {}
