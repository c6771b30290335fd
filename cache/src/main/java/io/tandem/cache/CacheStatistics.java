package io.tandem.cache;

/**
 * What a store holds now and what happened since it was opened. Immutable.
 *
 * @param entries states held, counting those that lost a chunk and were not looked up since
 * @param bytesHeld memory taken by manifests and chunks, in bytes
 * @param maxBytes bound of {@code bytesHeld}
 * @param hits finds that found a complete state
 * @param misses finds that found none
 * @param lost states found incomplete or damaged
 * @param writes states written and committed
 * @param bytesRead chunk bytes read
 * @param bytesWritten chunk bytes written
 * @param evictions chunks and manifests dropped to make room
 */
public record CacheStatistics(
        long entries,
        long bytesHeld,
        long maxBytes,
        long hits,
        long misses,
        long lost,
        long writes,
        long bytesRead,
        long bytesWritten,
        long evictions) {}
