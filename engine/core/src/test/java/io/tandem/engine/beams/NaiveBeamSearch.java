package io.tandem.engine.beams;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** {@code _beam_search} of transformers 5.23 line by line, for a batch of one: the readable specification. */
public final class NaiveBeamSearch {

    private static final float NOWHERE = -1e9f;

    private final BeamParameters parameters;
    private final int maxTokens;
    private final List<Integer> stops;

    /** A row of its tensors: tokens, their score and whether it is a hypothesis. */
    private record Row(List<Integer> tokens, float score, boolean finished) {}

    /** @param stops end a hypothesis */
    public NaiveBeamSearch(BeamParameters parameters, int maxTokens, int... stops) {
        this.parameters = parameters;
        this.maxTokens = maxTokens;
        this.stops = Arrays.stream(stops).boxed().toList();
    }

    /** @param model log probabilities of the next token */
    public List<Hypothesis> run(Function<List<Integer>, float[]> model) {
        int width = parameters.width();
        List<Row> running = new ArrayList<>();
        List<Row> sequences = new ArrayList<>();
        for (int beam = 0; beam < width; beam++) {
            running.add(new Row(List.of(), beam == 0 ? 0 : NOWHERE, false));
            sequences.add(new Row(List.of(), NOWHERE, false));
        }
        boolean unfinished = true;
        for (int current = 0; unfinished; current++) {
            List<Row> kept = topContinuations(running, model);
            boolean last = current + 1 == maxTokens;
            List<Boolean> hits = kept.stream()
                    .map(row -> last || stops.contains(row.tokens().getLast()))
                    .toList();
            List<Row> open = IntStream.range(0, kept.size())
                    .mapToObj(i ->
                            new Row(kept.get(i).tokens(), kept.get(i).score() + (hits.get(i) ? NOWHERE : 0), false))
                    .toList();
            running = best(open, width);
            List<Row> merged = new ArrayList<>(sequences);
            for (int i = 0; i < kept.size(); i++) {
                boolean finished = hits.get(i) && i < width;
                float score = (float) (kept.get(i).score() / Math.pow(current + 1, parameters.lengthPenalty()));
                merged.add(new Row(kept.get(i).tokens(), score + (finished ? 0 : NOWHERE), finished));
            }
            sequences = best(merged, width);
            unfinished = improvementPossible(running, sequences, current + 1)
                    && !(parameters.earlyStopping() == EarlyStopping.WHEN_FULL
                            && sequences.stream().allMatch(Row::finished))
                    && hits.contains(false);
        }
        return sequences.stream()
                .limit(parameters.answers())
                .map(row -> new Hypothesis(
                        row.tokens().stream().mapToInt(Integer::intValue).toArray(),
                        row.score(),
                        stops.contains(row.tokens().getLast())))
                .toList();
    }

    private List<Row> topContinuations(List<Row> running, Function<List<Integer>, float[]> model) {
        List<Row> all = new ArrayList<>();
        for (Row row : running) {
            float[] logprobs = model.apply(row.tokens());
            for (int token = 0; token < logprobs.length; token++) {
                List<Integer> tokens = new ArrayList<>(row.tokens());
                tokens.add(token);
                all.add(new Row(tokens, row.score() + logprobs[token], false));
            }
        }
        return best(all, Math.max(2, 1 + stops.size()) * parameters.width());
    }

    private boolean improvementPossible(List<Row> running, List<Row> sequences, int length) {
        boolean never = parameters.earlyStopping() == EarlyStopping.WHEN_HOPELESS;
        int hoped = never && parameters.lengthPenalty() > 0 ? maxTokens : length;
        float possible = (float) (running.getFirst().score() / Math.pow(hoped, parameters.lengthPenalty()));
        double worst = sequences.stream().mapToDouble(Row::score).min().orElseThrow();
        return sequences.stream().anyMatch(row -> possible > (row.finished() ? worst : NOWHERE));
    }

    private static List<Row> best(List<Row> rows, int count) {
        return rows.stream()
                .sorted(Comparator.comparingDouble(Row::score).reversed())
                .limit(count)
                .toList();
    }
}
