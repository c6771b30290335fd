package io.tandem.decoder.grpc;

import com.google.protobuf.ByteString;
import io.tandem.cache.ContentKey;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.Beams;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.decoder.residency.SegmentReference;
import io.tandem.decoder.scheduling.GenerationRequest;
import io.tandem.decoder.scheduling.GenerationRequest.Extras;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.beams.BeamParameters;
import io.tandem.engine.beams.EarlyStopping;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.sampling.LogitBias;
import io.tandem.engine.sampling.LogitRules;
import io.tandem.engine.sampling.SamplingParameters;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.ModelIdentity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Checks what came over the wire, and fills in what was left open. Immutable and thread-safe. */
public final class RequestReader {

    /** OpenAI's bound of {@code top_logprobs}. */
    private static final int MAX_LOGPROBS = 20;

    private final ModelIdentity model;
    private final Tokenizer tokenizer;
    private final int[] modelStopTokens;
    private final int vocabularySize;
    private final int contextTokens;
    private final int pageTokens;
    private final long capacityTokens;

    /**
     * @param served what it writes with
     * @param capacityTokens tokens that the decoder has pages for
     */
    public RequestReader(DecoderModel served, long capacityTokens) {
        DecoderRunner runner = served.runner();
        this.model = served.identity();
        this.tokenizer = served.tokenizer();
        this.modelStopTokens =
                served.stopTokens().stream().mapToInt(Integer::intValue).toArray();
        this.vocabularySize = runner.vocabularySize();
        this.contextTokens = runner.maxTokens();
        this.pageTokens = runner.pages().pageTokens();
        this.capacityTokens = capacityTokens;
    }

    /**
     * Reads a request.
     *
     * @throws TandemException if its states are another model's, or it asks for more than the model's context holds
     * @throws InvalidInputException if a field is out of range
     */
    ParsedRequest read(GenerateRequest request) {
        model.requireMaker(request.getModel(), "encoder states");
        int[] prefix = prefix(request);
        Limits limits = request.getLimits();
        Optional<BeamParameters> beams = beams(request);
        int maxTokens = maxTokens(
                limits, prefix.length, beams.map(BeamParameters::width).orElse(1));
        GenerationRequest generation = new GenerationRequest(
                prefix,
                maxTokens,
                stopTokens(limits),
                sampling(request.getSampling()),
                source(request.getSegmentsList()),
                new Extras(rules(request.getSampling()), minTokens(limits, maxTokens), logprobs(request), beams));
        return new ParsedRequest(
                segments(request.getSegmentsList()),
                generation,
                List.copyOf(limits.getStopList()),
                request.getReturnTokenIds());
    }

    private static List<SegmentReference> segments(List<Segment> segments) {
        if (segments.isEmpty()) {
            throw new InvalidInputException("segments", "there are no segments; an answer needs at least one");
        }
        List<SegmentReference> references = new ArrayList<>();
        for (Segment segment : segments) {
            ByteString key = segment.getKey();
            if (key.size() != ContentKey.LENGTH || segment.getTokens() < 1) {
                throw new InvalidInputException(
                        "segments",
                        "a segment has a key of " + ContentKey.LENGTH + " bytes and at least one token, not "
                                + key.size() + " bytes and " + segment.getTokens() + " tokens");
            }
            references.add(new SegmentReference(ContentKey.of(key.toByteArray()), segment.getTokens()));
        }
        return references;
    }

    private int[] prefix(GenerateRequest request) {
        return switch (request.getPrefixCase()) {
            case PREFIX_TEXT -> tokenizer.encodeWithoutSpecial(request.getPrefixText());
            case PREFIX_TOKEN_IDS ->
                knownTokens("decoder_prefix", request.getPrefixTokenIds().getIdsList());
            case PREFIX_NOT_SET -> new int[0];
        };
    }

    private int maxTokens(Limits limits, int prefixTokens, int width) {
        int asked = limits.getMaxTokens();
        if (asked < 0) {
            throw new InvalidInputException("max_tokens", "max_tokens is " + asked + "; it must be 0 or more");
        }
        long room = contextTokens - 1L - prefixTokens;
        if (asked > room || room < 1) {
            throw new TandemException(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    asked > room && asked > 0 ? "max_tokens" : "decoder_prefix",
                    "the start token, a prefix of " + prefixTokens + " tokens and " + Math.max(asked, 1)
                            + " new ones exceed the model's context of " + contextTokens
                            + "; lower max_tokens or shorten the prefix");
        }
        long pages = capacityTokens / pageTokens / width;
        return asked > 0 ? asked : Math.toIntExact(Math.max(1, Math.min(room, pages * pageTokens - prefixTokens)));
    }

    private static int minTokens(Limits limits, int maxTokens) {
        int asked = limits.getMinTokens();
        if (asked < 0 || asked > maxTokens) {
            throw new InvalidInputException(
                    "min_tokens",
                    "min_tokens is " + asked + "; it must be from 0 to the most tokens that the answer may have, "
                            + maxTokens);
        }
        return asked;
    }

    /** A search takes what every token's best ones are, and nothing that needs tokens to be chosen one by one. */
    private static Optional<BeamParameters> beams(GenerateRequest request) {
        if (!request.hasBeams()) {
            return Optional.empty();
        }
        requireUnset("logprobs", request.hasLogprobs());
        requireUnset("stop", request.getLimits().getStopCount() > 0);
        requireUnset("temperature", request.getSampling().getTemperature() != 0);
        Beams beams = request.getBeams();
        EarlyStopping earlyStopping =
                switch (beams.getEarlyStopping()) {
                    case EARLY_STOPPING_HEURISTIC -> EarlyStopping.HEURISTIC;
                    case EARLY_STOPPING_WHEN_FULL -> EarlyStopping.WHEN_FULL;
                    case EARLY_STOPPING_WHEN_HOPELESS -> EarlyStopping.WHEN_HOPELESS;
                    case UNRECOGNIZED ->
                        throw new InvalidInputException(
                                "early_stopping", "early_stopping is " + beams.getEarlyStoppingValue());
                };
        return Optional.of(new BeamParameters(
                beams.getWidth(),
                beams.getAnswers(),
                beams.hasLengthPenalty() ? beams.getLengthPenalty() : 1,
                earlyStopping));
    }

    private static void requireUnset(String field, boolean set) {
        if (set) {
            throw new InvalidInputException(field, field + " does not go with beam search");
        }
    }

    private int logprobs(GenerateRequest request) {
        int best = request.getLogprobs();
        if (best < 0 || best > MAX_LOGPROBS) {
            throw new InvalidInputException(
                    "logprobs", "logprobs is " + best + "; it must be from 0 to " + MAX_LOGPROBS);
        }
        return request.hasLogprobs() ? best : Extras.NO_LOGPROBS;
    }

    private LogitRules rules(Sampling sampling) {
        Map<Integer, Float> asked = sampling.getLogitBiasMap();
        int[] tokens = knownTokens("logit_bias", asked.keySet());
        float[] values = new float[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            values[i] = asked.get(tokens[i]);
        }
        return new LogitRules(
                sampling.getFrequencyPenalty(),
                sampling.getPresencePenalty(),
                sampling.hasRepetitionPenalty() ? sampling.getRepetitionPenalty() : 1,
                new LogitBias(tokens, values));
    }

    private int[] stopTokens(Limits limits) {
        int[] asked = knownTokens("stop_token_ids", limits.getStopTokenIdsList());
        IntStream own = limits.getIgnoreEos() ? IntStream.empty() : IntStream.of(modelStopTokens);
        return IntStream.concat(own, IntStream.of(asked)).distinct().toArray();
    }

    /** Tokens of the segments whose tokens are known, one after the other. */
    private int[] source(List<Segment> segments) {
        return segments.stream()
                .flatMapToInt(segment -> IntStream.of(knownTokens("segments", segment.getTokenIdsList())))
                .toArray();
    }

    private int[] knownTokens(String field, Collection<Integer> ids) {
        for (int id : ids) {
            if (id < 0 || id >= vocabularySize) {
                throw new InvalidInputException(
                        field, field + " has the token " + id + "; the vocabulary has " + vocabularySize + " tokens");
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static SamplingParameters sampling(Sampling sampling) {
        return new SamplingParameters(
                sampling.getTemperature(),
                sampling.hasTopP() ? sampling.getTopP() : 1,
                sampling.hasTopK() ? sampling.getTopK() : 0,
                sampling.hasMinP() ? sampling.getMinP() : 0,
                sampling.hasSeed()
                        ? sampling.getSeed()
                        : ThreadLocalRandom.current().nextLong());
    }
}
