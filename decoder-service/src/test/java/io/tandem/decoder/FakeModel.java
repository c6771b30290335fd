package io.tandem.decoder;

import io.tandem.decoder.scheduling.GenerationRequest;
import io.tandem.engine.sampling.NaiveLogitRules;
import io.tandem.engine.sampling.Sampler;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A "model" of one line: the next token's logits are a hash of what the memories hold and of all tokens so far. */
public final class FakeModel {

    public static final int HIDDEN_SIZE = 2;
    public static final int START_TOKEN = 2;
    private static final int BEFORE_TOKENS = 17;

    private FakeModel() {}

    /** Hash of an empty memory; every state that is appended changes it. */
    public static long emptyMemory() {
        return 1;
    }

    /** The hash once one more value of a state was appended. */
    public static long append(long memory, float value) {
        return mix(memory * 31 + Float.floatToIntBits(value));
    }

    /** What a sequence has seen before its first token. */
    public static long begin(List<Long> memories) {
        long hash = BEFORE_TOKENS;
        for (long memory : memories) {
            hash = mix(hash * 31 + memory);
        }
        return hash;
    }

    /** What a sequence has seen after one more token. */
    public static long read(long seen, int token) {
        return mix(seen * 31 + token);
    }

    /** Logits of the next token, in [-4, 4). */
    public static void logits(long seen, float[] destination, int vocabulary) {
        for (int id = 0; id < vocabulary; id++) {
            destination[id] = (mix(seen + id * 0x9E3779B97F4A7C15L) >>> 40) * 0x1p-21f - 4;
        }
    }

    /** The output that the memories lead to, computed without any runner. */
    public static List<Integer> output(
            List<Long> memories, int[] prefix, int tokens, SamplingParameters sampling, int vocabulary) {
        Sampler sampler = new Sampler(vocabulary);
        float[] logits = new float[vocabulary];
        long seen = read(begin(memories), START_TOKEN);
        for (int token : prefix) {
            seen = read(seen, token);
        }
        List<Integer> output = new ArrayList<>();
        while (output.size() < tokens) {
            logits(seen, logits, vocabulary);
            int next = sampler.sample(logits, sampling, 1 + prefix.length + output.size());
            output.add(next);
            seen = read(seen, next);
        }
        return output;
    }

    /** The output that a request leads to, penalties, biases and stop tokens included, chosen from whole distributions. */
    public static List<Integer> output(List<Long> memories, GenerationRequest request, int vocabulary) {
        Sampler sampler = new Sampler(vocabulary);
        float[] logits = new float[vocabulary];
        List<Integer> before = new ArrayList<>(List.of(START_TOKEN));
        Arrays.stream(request.prefix()).forEach(before::add);
        long seen = begin(memories);
        for (int token : before) {
            seen = read(seen, token);
        }
        List<Integer> output = new ArrayList<>();
        while (output.size() < request.maxTokens() && (output.isEmpty() || !request.stopsAt(output.getLast()))) {
            logits(seen, logits, vocabulary);
            float[] changed = NaiveLogitRules.apply(request.extras().rules(), logits, before, output);
            for (int stop : request.stopTokens()) {
                changed[stop] = output.size() < request.extras().minTokens() ? Float.NEGATIVE_INFINITY : changed[stop];
            }
            output.add(sampler.sample(changed, request.sampling(), before.size() + output.size()));
            seen = read(seen, output.getLast());
        }
        return output;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
