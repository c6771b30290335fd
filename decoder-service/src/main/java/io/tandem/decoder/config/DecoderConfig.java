package io.tandem.decoder.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tandem.cache.ByteSize;
import java.time.Duration;
import java.util.OptionalDouble;

/** Settings of the decoder. */
@ConfigMapping(prefix = "tandem.decoder")
public interface DecoderConfig {

    /**
     * Memory for the keys and values of encoded prompts and documents, such as {@code 512M} or {@code 4G}. What no
     * request uses stays until room is needed; the larger it is, the more often a document is ready at once.
     */
    @WithDefault("1G")
    ByteSize encoderMemory();

    /**
     * Tokens from which on a prompt or document is kept as its encoder states instead of keys and values: a fraction of the memory,
     * and more work for each token that is written. Shorter ones are kept so too if their keys and values would not fit
     * {@code encoder-memory}. {@code never} keeps all as keys and values and refuses what does not fit.
     */
    @WithDefault("16384")
    AbsorbFrom absorbFrom();

    /**
     * Memory for the keys and values of the answers themselves, such as {@code 512M} or {@code 4G}, cut into pages that
     * answers take as they grow. No more is taken than {@code max-batch} answers of the model's full length need.
     */
    @WithDefault("512M")
    ByteSize pageMemory();

    /** Tokens a page holds. Small pages waste less on short answers, large ones are fewer to keep track of. */
    @WithDefault("16")
    int pageTokens();

    /** Encoder states that are read from the cache at the same time; at least 1. */
    @WithDefault("2")
    int loaders();

    /** How long a request waits for others to give encoder memory back before it is refused as overload. */
    @WithDefault("30s")
    Duration memoryWait();

    /** Requests that may wait for their encoder states or for a place in the batch; more are refused as overload. */
    @WithDefault("256")
    int maxQueue();

    /** Outputs that are written at the same time: sequences in one decoder step. */
    @WithDefault("32")
    int maxBatch();

    /**
     * Tokens that one decoder step reads at most. Forced prefixes longer than what the generating sequences leave of it
     * are read over several steps; at least {@code max-batch}.
     */
    @WithDefault("256")
    int stepTokens();

    /** Guessing tokens that an answer copies from what was read; it changes no answer, only how soon it is there. */
    Speculation speculation();

    /** Settings of the guesses. */
    interface Speculation {

        /** Whether tokens are guessed. */
        @WithDefault("true")
        boolean enabled();

        /** Tokens that are guessed for one answer in one step at most; at least 1. Answers that copy little get fewer. */
        @WithDefault("8")
        int maxGuess();

        /**
         * Tokens, guessed or not, up to which a step is filled with guesses; at least 1. So many that a step takes hardly longer
         * than with one: a step that is larger anyway, as with many answers or a forced prefix, gets no guesses. Beyond 8 the cpu backend
         * leaves the kernels that read weights once for few rows, and a step takes twice as long.
         */
        @WithDefault("8")
        int maxRows();

        /**
         * What each guessed token adds to the time of a step, as a share of a step without any; 0 or more. Without it, that is
         * measured at start. Tokens are guessed only as long as enough of them turn out right to pay for it.
         */
        OptionalDouble rowPrice();
    }

    /** Tokens that a slow client may fall behind before its sequence pauses. */
    @WithDefault("256")
    int outputBuffer();

    /** How long a shutdown waits for the answers in progress. */
    @WithDefault("30s")
    Duration drainTimeout();
}
