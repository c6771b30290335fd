package io.tandem.gateway.batches;

/**
 * How much a batch may bring.
 *
 * @param maxLines of one batch
 * @param maxLineBytes of one line
 * @param maxOpen batches of one owner that have not ended
 */
public record BatchLimits(int maxLines, int maxLineBytes, int maxOpen) {}
