package io.tandem.bench.capacity;

import java.util.List;

/**
 * An installation and what is asked of it. Immutable; {@code default.json} beside this class has all fields, with what was measured of the
 * 270M shape.
 *
 * @param decoders what each can do, as measured
 * @param encoders what each can do, as measured
 * @param cache room for states
 * @param routing as the gateway's settings
 * @param workload what is asked
 * @param changes decoders that come and go
 * @param scaling what adds and removes decoders by itself
 * @param startUpSeconds from the order for a decoder to its first request
 * @param seed of everything that is drawn
 */
public record Scenario(
        Decoders decoders,
        Encoders encoders,
        Cache cache,
        Routing routing,
        Workload workload,
        List<Change> changes,
        Scaling scaling,
        double startUpSeconds,
        long seed) {

    /** A decoder step with so many sequences takes so long. */
    public record Step(int rows, double millis) {}

    /**
     * Decoders, all alike.
     *
     * @param count at the beginning
     * @param names of the first of them, HOST:PORT, where they matter: content belongs to names
     * @param steps measured, with ever more rows, over documents as long as those of the workload
     * @param tokensPerStep tokens that a sequence gains in a step; more than 1 where guesses are right
     * @param places {@code tandem.decoder.max-batch}
     * @param loaders {@code tandem.decoder.loaders}
     * @param memoryBytes {@code tandem.decoder.encoder-memory}
     * @param bytesPerToken of a segment in a decoder
     * @param loadMillis for any segment: of {@code tandem_decoder_residency_load_seconds}
     * @param loadMillisPerToken to fetch a token's states and make keys and values of them
     * @param sliceMillis that loads compute between two steps while there are any, 25 of the CPU backend; 0 if the times above are those of a
     *     decoder that did both, and say it already
     */
    public record Decoders(
            int count,
            List<String> names,
            List<Step> steps,
            double tokensPerStep,
            int places,
            int loaders,
            long memoryBytes,
            long bytesPerToken,
            double loadMillis,
            double loadMillisPerToken,
            double sliceMillis) {

        public Decoders {
            names = List.copyOf(names);
            steps = List.copyOf(steps);
            require(count >= 1 && places >= 1 && loaders >= 1, "decoders: count, places and loaders must be 1 or more");
            require(!steps.isEmpty(), "decoders.steps is empty; it needs a step time at least");
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                require(
                        step.millis() > 0
                                && step.rows() > (i == 0 ? 0 : steps.get(i - 1).rows()),
                        "decoders.steps: rows must grow from 1 or more and times be above 0, not " + step);
            }
            require(tokensPerStep > 0, "decoders.tokensPerStep is " + tokensPerStep + ", must be above 0");
            require(bytesPerToken >= 1, "decoders.bytesPerToken is " + bytesPerToken + ", must be 1 or more");
            require(
                    loadMillis >= 0 && loadMillisPerToken >= 0 && sliceMillis >= 0,
                    "decoders: times of loads must be 0 or more");
        }
    }

    /**
     * Encoders, all alike.
     *
     * @param count of them
     * @param tokensPerSecond that one encodes
     * @param millis that a request takes beside: gateway, template, tokenizer, look-ups
     */
    public record Encoders(int count, double tokensPerSecond, double millis) {
        public Encoders {
            require(count >= 1, "encoders.count is " + count + ", must be 1 or more");
            require(tokensPerSecond > 0 && millis >= 0, "encoders: tokensPerSecond must be above 0, millis 0 or more");
        }
    }

    /**
     * Room for states.
     *
     * @param bytes of different states: those of all servers, over the number of owners
     * @param bytesPerToken of a state
     * @param prepared whether documents were read before the first request, as uploaded files are: as many as there is room for, those that
     *     are asked about most
     */
    public record Cache(long bytes, long bytesPerToken, boolean prepared) {
        public Cache {
            require(bytes >= 0 && bytesPerToken >= 1, "cache: bytes must be 0 or more, bytesPerToken 1 or more");
        }
    }

    /** {@code tandem.gateway.routing.load-factor} and {@code .free-load}. */
    public record Routing(double loadFactor, int freeLoad) {}

    /**
     * Decoders that join, or leave where it is below 0.
     *
     * @param atSeconds when somebody orders it
     */
    public record Change(double atSeconds, int decoders) {}

    /**
     * The rule of {@code deploy/kubernetes/components/scaling}.
     *
     * @param enabled whether there is one
     * @param minimum decoders
     * @param maximum decoders
     * @param places in use for each decoder, above which one more is wanted
     * @param waitSeconds mean wait of a minute for a place, above which more are wanted
     */
    public record Scaling(boolean enabled, int minimum, int maximum, double places, double waitSeconds) {
        public Scaling {
            require(minimum >= 1 && maximum >= minimum, "scaling: there must be 1 <= minimum <= maximum");
            require(places > 0 && waitSeconds > 0, "scaling: places and waitSeconds must be above 0");
        }
    }

    public Scenario {
        changes = List.copyOf(changes);
        require(startUpSeconds >= 0, "startUpSeconds is " + startUpSeconds + ", must be 0 or more");
    }

    static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
