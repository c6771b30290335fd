package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.decoder.v1.GenerateRequest;
import java.util.List;
import java.util.stream.IntStream;

/** Reads how many answers a prompt gets ({@code n}, {@code best_of}) and lets them differ: by their seeds, or by a beam search. */
final class ChoiceReader {

    /** Increment of SplitMix64, the odd number closest to 2^64 divided by the golden ratio. */
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private final RequestLimits limits;

    ChoiceReader(RequestLimits limits) {
        this.limits = limits;
    }

    /**
     * Reads the choices of a prompt.
     *
     * @param writing what all of them share
     * @return a search for all, or one for each; the first has the request's own seed, so that it is what a request for one answer
     *     gets
     */
    List<GenerateRequest> read(Field body, GenerateRequest writing) {
        int choices = choices(body.get("n"));
        Field bestOf = body.get("best_of");
        if (body.get("use_beam_search").flag(false)) {
            int width = bestOf.isSet() ? choices(bestOf) : choices;
            if (width < choices) {
                throw bestOf.invalid("is %d, less than n, which is %d".formatted(width, choices));
            }
            return List.of(BeamReader.read(body, writing, width, choices));
        }
        BeamReader.requireNone(body);
        if (bestOf.isSet() && bestOf.integer(1, Integer.MAX_VALUE) != choices) {
            throw bestOf.failure(
                    ErrorCode.UNSUPPORTED_PARAMETER,
                    "is %d, n is %d; answers are not ranked here, so the two must be equal"
                            .formatted(bestOf.integer(1, Integer.MAX_VALUE), choices));
        }
        return IntStream.range(0, choices)
                .mapToObj(choice -> choice == 0 ? writing : reseeded(writing, choice))
                .toList();
    }

    private int choices(Field field) {
        if (!field.isSet()) {
            return 1;
        }
        int choices = (int) field.integer(1, Integer.MAX_VALUE);
        if (choices > limits.maxChoices()) {
            throw field.invalid(
                    "is %d, limit %d; raise tandem.gateway.counts.max-choices".formatted(choices, limits.maxChoices()));
        }
        return choices;
    }

    /** Without a seed the decoder draws one for each choice. */
    private static GenerateRequest reseeded(GenerateRequest writing, int choice) {
        if (!writing.getSampling().hasSeed()) {
            return writing;
        }
        GenerateRequest.Builder reseeded = writing.toBuilder();
        reseeded.getSamplingBuilder().setSeed(mixed(writing.getSampling().getSeed() + choice * GOLDEN_GAMMA));
        return reseeded.build();
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014): neighbouring seeds become unrelated ones. */
    private static long mixed(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
