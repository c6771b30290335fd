package io.tandem.engine.sampling;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What {@link LogitAdjuster} does, token by token over the whole vocabulary: the readable specification. */
public final class NaiveLogitRules {

    private NaiveLogitRules() {}

    /**
     * Changed logits.
     *
     * @param before start token and prefix
     * @param generated what came after them
     */
    public static float[] apply(LogitRules rules, float[] logits, List<Integer> before, List<Integer> generated) {
        Set<Integer> seen = new TreeSet<>(before);
        seen.addAll(generated);
        float[] changed = logits.clone();
        for (int id = 0; id < logits.length; id++) {
            for (int i = 0; i < rules.bias().tokens().length; i++) {
                changed[id] += rules.bias().tokens()[i] == id ? rules.bias().values()[i] : 0;
            }
            if (seen.contains(id)) {
                changed[id] = changed[id] < 0
                        ? changed[id] * rules.repetitionPenalty()
                        : changed[id] / rules.repetitionPenalty();
            }
            int token = id;
            int count = (int) generated.stream().filter(other -> other == token).count();
            changed[id] -= rules.frequencyPenalty() * count;
            changed[id] -= count > 0 ? rules.presencePenalty() : 0;
        }
        return changed;
    }
}
