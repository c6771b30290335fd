package io.tandem.decoder.residency;

/**
 * What {@link EncoderResidency} holds at one moment. Immutable.
 *
 * @param memories segments in memory or on their way there
 * @param idle those of them that no request uses
 * @param leases requests that hold or wait for memories
 * @param waiting those of them that wait for room
 * @param bytes taken by the memories
 * @param budget bytes there are, setting {@code tandem.decoder.encoder-memory}
 */
public record ResidencyUsage(int memories, int idle, int leases, int waiting, long bytes, long budget) {}
