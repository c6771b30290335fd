package io.tandem.encoder.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of the encoder service. */
@ConfigMapping(prefix = "tandem.encoder")
public interface EncoderConfig {

    /** File with the Jinja chat template to use in place of the checkpoint's own. */
    Optional<Path> chatTemplate();

    /** Most encoder tokens of one request, documents, prompt and soft tokens of pictures together. */
    @WithDefault("32768")
    int maxTokens();

    /** Tokens that the model encodes at once, of several segments; a longer segment is encoded alone. */
    @WithDefault("8192")
    int maxBatchTokens();

    /** Requests that may wait to be read, and segments that may wait to be encoded; more are refused as overload. */
    @WithDefault("256")
    int maxQueue();

    /** How long documents are cut. */
    Documents documents();

    /** Windows of documents, which are encoded one by one. */
    interface Documents {
        /** Most tokens of one window; what is no longer stays whole. */
        @WithDefault("4096")
        int windowTokens();

        /** Most tokens that a window has in common with the one before, in whole sentences where they are short enough. */
        @WithDefault("128")
        int overlapTokens();
    }

    /** How long a shutdown waits for the calls in progress. */
    @WithDefault("30s")
    Duration drainTimeout();
}
