package io.tandem.decoder.residency;

/**
 * What {@link EncoderResidency} holds at one moment. Immutable.
 *
 * @param memories segments in memory or on their way there
 * @param used those of them that requests hold
 * @param leases requests that hold or wait for memories
 * @param waiting those of them that wait for room
 * @param bytes taken by the memories
 * @param budget bytes there are, setting {@code tandem.decoder.encoder-memory}
 */
public record ResidencyUsage(int memories, int used, int leases, int waiting, long bytes, long budget) {}
