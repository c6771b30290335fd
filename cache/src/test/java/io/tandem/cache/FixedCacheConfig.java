package io.tandem.cache;

/** Cache settings for tests, without a configuration source. Immutable. */
record FixedCacheConfig(ByteSize maxSize, ByteSize chunkSize) implements CacheConfig {
    static FixedCacheConfig of(String maxSize, String chunkSize) {
        return new FixedCacheConfig(ByteSize.parse(maxSize), ByteSize.parse(chunkSize));
    }
}
