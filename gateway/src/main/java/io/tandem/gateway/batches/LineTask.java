package io.tandem.gateway.batches;

/**
 * Where one line is: all that a worker needs to be told.
 *
 * @param owner of the batch
 * @param batch that it belongs to
 * @param number counted from 0
 * @param offset bytes of the input before it
 * @param length its bytes, without its end
 */
public record LineTask(String owner, BatchId batch, int number, long offset, int length) {}
