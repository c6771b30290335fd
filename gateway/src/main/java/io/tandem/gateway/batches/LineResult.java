package io.tandem.gateway.batches;

/**
 * The answer to one line, as the output shows it.
 *
 * @param succeeded whether it belongs into the output file, not into that of errors
 * @param json one line in UTF-8, without its end
 */
public record LineResult(boolean succeeded, byte[] json) {}
