package io.tandem.engine.runner;

import io.tandem.engine.model.LayerPass;

/** Advances the passes of one runner, a turn for each slice. Mutable; used by the runner's thread. */
final class Slices {

    /** Slices in the time of one, where nobody else computes: the more rows, the less often keys and weights are fetched. */
    private static final int TOGETHER = 2;

    private final ComputeTurns turns;
    private final ComputeTurns.Role role;
    private final SlicePace pace = new SlicePace();

    Slices(ComputeTurns turns, ComputeTurns.Role role) {
        this.turns = turns;
        this.role = role;
    }

    /** Computes the next slice of a pass that isn't done. */
    void advance(LayerPass pass) {
        if (!pass.done()) {
            try (ComputeTurns.Turn turn = turns.take(role)) {
                long start = System.nanoTime();
                long work = pass.advance(turn.alone() ? TOGETHER * pace.budget() : pace.budget());
                pace.ran(work, System.nanoTime() - start);
            }
        }
    }
}
