package io.tandem.engine.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The distribution that {@link Sampler} draws from, by sorting everything: the readable specification. */
final class NaiveSampler {

    private NaiveSampler() {}

    /** Probability of each token, [vocabulary]. */
    static double[] distribution(float[] logits, SamplingParameters parameters) {
        List<Integer> ranking = new ArrayList<>(IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(id -> -logits[id]).thenComparing(id -> id))
                .toList());
        float best = logits[ranking.getFirst()];
        double[] weight = new double[logits.length];
        for (int id : ranking) {
            weight[id] = Math.exp(((double) logits[id] - best) / parameters.temperature());
        }
        ranking.removeIf(id -> weight[id] < parameters.minP());
        if (parameters.topK() > 0 && parameters.topK() < ranking.size()) {
            float last = logits[ranking.get(parameters.topK() - 1)];
            ranking.removeIf(id -> logits[id] < last);
        }
        double mass = ranking.stream().mapToDouble(id -> weight[id]).sum();
        if (parameters.topP() < 1) {
            double before = 0;
            List<Integer> nucleus = new ArrayList<>();
            for (int id : ranking) {
                if (before < parameters.topP() * mass) {
                    nucleus.add(id);
                }
                before += weight[id];
            }
            ranking = nucleus;
            mass = ranking.stream().mapToDouble(id -> weight[id]).sum();
        }
        double[] distribution = new double[logits.length];
        for (int id : ranking) {
            distribution[id] = weight[id] / mass;
        }
        return distribution;
    }
}
