package io.tandem.vision.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tandem.cache.ByteSize;
import java.time.Duration;

/** Settings of the vision service. */
@ConfigMapping(prefix = "tandem.vision")
public interface VisionServiceConfig {

    /** Largest file of a picture, such as {@code 10M}; known before its bytes are read. */
    @WithDefault("10M")
    ByteSize maxImageBytes();

    /** Most pixels of a picture, width times height; known before it is decoded. */
    @WithDefault("40000000")
    long maxImagePixels();

    /**
     * Pictures that may be uploaded or wait at the same time, each holding up to {@code max-image-bytes}; more are refused as
     * overload.
     */
    @WithDefault("64")
    int maxQueue();

    /**
     * Pictures that are decoded, prepared and held for the model at the same time. Each takes up to 3 bytes a pixel while
     * it is decoded, and 12 bytes for each of the model's pixels until it is encoded.
     */
    @WithDefault("4")
    int maxDecoding();

    /** Views that the model sees at once, a picture and each of its crops being one. */
    @WithDefault("4")
    int maxBatchImages();

    /** How long a shutdown waits for the calls in progress. */
    @WithDefault("30s")
    Duration drainTimeout();
}
