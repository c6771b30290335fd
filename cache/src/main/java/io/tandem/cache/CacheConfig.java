package io.tandem.cache;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the state cache. */
@ConfigMapping(prefix = "tandem.cache")
public interface CacheConfig {
    /**
     * Memory for cached encoder states and image soft tokens, outside the Java heap, such as {@code 512M} or
     * {@code 4G}. When it is full, the states that were not used for longest make room.
     */
    @WithDefault("1G")
    ByteSize maxBytes();

    /**
     * Size of the pieces into which a state is cut, rounded down to whole rows. Readers start work after the first
     * piece, so smaller ones start sooner and larger ones move faster; 256K to 1M suit both.
     */
    @WithDefault("512K")
    ByteSize chunkBytes();
}
