package io.tandem.cache;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the state cache. */
@ConfigMapping(prefix = "tandem.cache")
public interface CacheConfig {
    /**
     * Memory for cached encoder states and image soft tokens, outside the Java heap, such as {@code 512M} or
     * {@code 4G}; {@code 1M} at least. When it is full, what was not used for longest makes room. One state may take
     * three quarters of it. While states are written, the bound can be passed for a moment by one chunk a writer.
     */
    @WithDefault("1G")
    ByteSize maxSize();

    /**
     * Size of the pieces into which a state is cut, rounded down to whole rows but never below one row; {@code 1K} to
     * {@code 16M}. Readers start work after the first piece, so smaller ones start sooner and larger ones move faster;
     * 256K to 1M suit both.
     */
    @WithDefault("512K")
    ByteSize chunkSize();
}
