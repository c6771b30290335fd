package io.tandem.engine.beams;

import io.tandem.engine.sampling.TopTokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One search, step by step: every running beam is {@linkplain #offer offered} what the model says of its next token, then all
 * {@linkplain #advance advance}.
 *
 * <p>The same as {@code _beam_search} of transformers 5.23 for a batch of one. That ranks {@code (1 + stop tokens) * width}
 * continuations of all beams together; of these only the best {@code width} may end, and the best {@code width} that don't end go
 * on, so that no beam needs to offer more than {@code width} of either kind. Scores are fp32 as there; among equal ones the lower
 * beam, then the lower token comes first.
 *
 * <p>Mutable; owned by one output and used by the thread that runs the decoder's steps.
 */
public final class BeamSearch {

    private final BeamParameters parameters;
    private final int maxTokens;
    private final int[] stopTokens;
    private final float[] stopLogprobs; // [stopTokens]
    private final TopTokens top = new TopTokens();

    private final List<Candidate> candidates = new ArrayList<>();
    private List<Beam> running = List.of(Beam.START);
    private int[] origins = {};

    /** Best first. */
    private List<Hypothesis> finished = new ArrayList<>();

    /** A beam with one more token. */
    private record Candidate(int beam, int token, float score, boolean stops) {

        private static final Comparator<Candidate> BEST_FIRST = Comparator.comparingDouble(Candidate::score)
                .reversed()
                .thenComparingInt(Candidate::beam)
                .thenComparingInt(Candidate::token);
    }

    /**
     * @param maxTokens tokens that a hypothesis has at most, at least 1
     * @param stopTokens end one, each given once
     */
    public BeamSearch(BeamParameters parameters, int maxTokens, int... stopTokens) {
        this.parameters = parameters;
        this.maxTokens = maxTokens;
        this.stopTokens = stopTokens.clone();
        this.stopLogprobs = new float[stopTokens.length];
    }

    /** Beams that go on: one at first. */
    public int running() {
        return running.size();
    }

    /** The last token of a running beam, once there was an advance. */
    public int token(int beam) {
        return running.get(beam).token();
    }

    /** Which of the beams that ran before the last advance a running beam goes on from. */
    public int origin(int beam) {
        return origins[beam];
    }

    /**
     * Takes what the model says of a running beam's next token.
     *
     * @param logprobs [vocabulary], negative infinity for what must not follow; overwritten in parts
     */
    public void offer(int beam, float[] logprobs) {
        for (int i = 0; i < stopTokens.length; i++) {
            stopLogprobs[i] = logprobs[stopTokens[i]];
            logprobs[stopTokens[i]] = Float.NEGATIVE_INFINITY;
        }
        float score = running.get(beam).score();
        top.find(logprobs, parameters.width());
        for (int i = 0; i < top.size(); i++) {
            candidates.add(new Candidate(beam, top.id(i), score + top.value(i), false));
        }
        top.find(stopLogprobs, parameters.width());
        for (int i = 0; i < top.size(); i++) {
            candidates.add(new Candidate(beam, stopTokens[top.id(i)], score + top.value(i), true));
        }
    }

    /**
     * Takes the step that all running beams were offered.
     *
     * @return whether the search goes on
     */
    public boolean advance() {
        candidates.sort(Candidate.BEST_FIRST);
        int length = running.getFirst().length() + 1;
        boolean last = length == maxTokens;
        finish(last);
        goOn();
        candidates.clear();
        return !last && !running.isEmpty() && improvable(length);
    }

    /**
     * The best hypotheses, best first.
     *
     * @throws IllegalStateException if there are fewer than wanted: the model left too few tokens to choose from
     */
    public List<Hypothesis> answers() {
        if (finished.size() < parameters.answers()) {
            throw new IllegalStateException(
                    finished.size() + " hypotheses were found, " + parameters.answers() + " are wanted");
        }
        return List.copyOf(finished.subList(0, parameters.answers()));
    }

    /** Of the best continuations those that end become hypotheses, if they are good enough. */
    private void finish(boolean last) {
        List<Hypothesis> merged = new ArrayList<>(finished);
        for (int i = 0; i < Math.min(parameters.width(), candidates.size()); i++) {
            Candidate candidate = candidates.get(i);
            if (last || candidate.stops()) {
                Beam beam = beam(candidate);
                float score = (float) (beam.score() / Math.pow(beam.length(), parameters.lengthPenalty()));
                merged.add(new Hypothesis(beam.tokens(), score, candidate.stops()));
            }
        }
        // A stable sort: of equal ones the older stays in front.
        merged.sort(Comparator.comparingDouble(Hypothesis::score).reversed());
        finished = merged.subList(0, Math.min(parameters.width(), merged.size()));
    }

    private void goOn() {
        List<Candidate> chosen = candidates.stream()
                .filter(candidate -> !candidate.stops())
                .limit(parameters.width())
                .toList();
        origins = chosen.stream().mapToInt(Candidate::beam).toArray();
        running = chosen.stream().map(this::beam).toList();
    }

    private boolean improvable(int length) {
        if (finished.size() < parameters.width()) {
            return true;
        }
        float worst = finished.getLast().score();
        return switch (parameters.earlyStopping()) {
            case WHEN_FULL -> false;
            case HEURISTIC -> possible(length) > worst;
            case WHEN_HOPELESS -> possible(parameters.lengthPenalty() > 0 ? maxTokens : length) > worst;
        };
    }

    /** The score of the best beam if it ended at a length without another token that cost anything. */
    private float possible(int length) {
        return (float) (running.getFirst().score() / Math.pow(length, parameters.lengthPenalty()));
    }

    private Beam beam(Candidate candidate) {
        return running.get(candidate.beam()).next(candidate.token(), candidate.score());
    }
}
