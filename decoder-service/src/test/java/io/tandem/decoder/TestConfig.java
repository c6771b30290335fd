package io.tandem.decoder;

import io.tandem.cache.ByteSize;
import io.tandem.decoder.config.AbsorbFrom;
import io.tandem.decoder.config.DecoderConfig;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Settings of a small decoder. Immutable.
 *
 * @param encoderTokens encoder tokens that there is memory for
 * @param maxQueue calls that may wait
 * @param maxBatch sequences a step
 * @param outputBuffer tokens a client may fall behind
 * @param patience how long calls wait for encoder memory, and a shutdown for calls
 * @param absorbFrom tokens from which on states are kept as they are
 */
public record TestConfig(
        int encoderTokens, int maxQueue, int maxBatch, int outputBuffer, Duration patience, AbsorbFrom absorbFrom)
        implements DecoderConfig {

    /** Room for everybody. */
    public static final TestConfig ROOMY = new TestConfig(200, 64, 8, 32, Duration.ofSeconds(10));

    @Override
    public ByteSize encoderMemory() {
        return new ByteSize((long) encoderTokens * FakeDecoderRunner.BYTES_PER_TOKEN);
    }

    /** Keeps keys and values of everything. */
    public TestConfig(int encoderTokens, int maxQueue, int maxBatch, int outputBuffer, Duration patience) {
        this(encoderTokens, maxQueue, maxBatch, outputBuffer, patience, AbsorbFrom.NEVER);
    }

    @Override
    public ByteSize pageMemory() {
        return new ByteSize(1);
    }

    @Override
    public int pageTokens() {
        return 4;
    }

    @Override
    public int loaders() {
        return 2;
    }

    @Override
    public int stepTokens() {
        return 16;
    }

    @Override
    public Speculation speculation() {
        return new Speculating();
    }

    @Override
    public Duration memoryWait() {
        return patience;
    }

    @Override
    public Duration drainTimeout() {
        return patience;
    }

    /** As the defaults say, but for the price. */
    private record Speculating() implements Speculation {

        @Override
        public boolean enabled() {
            return true;
        }

        @Override
        public int maxGuess() {
            return 8;
        }

        @Override
        public int maxRows() {
            return 16;
        }

        /** Given, so that what is guessed does not depend on the machine. */
        @Override
        public OptionalDouble rowPrice() {
            return OptionalDouble.of(0.1);
        }
    }
}
