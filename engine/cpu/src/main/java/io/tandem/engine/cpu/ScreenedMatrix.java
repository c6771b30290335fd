package io.tandem.engine.cpu;

import io.tandem.engine.ops.Weight;

/**
 * A packed matrix with its screen, and how well that did so far.
 *
 * <p>The matrices are immutable; the memory of what was tried belongs to the holder of the pool's turn.
 */
final class ScreenedMatrix implements Weight {

    private static final int FIRST_PAUSE = 8;
    private static final int LONGEST_PAUSE = 1024;

    private final PackedMatrix exact;
    private final ArgmaxScreen screen;
    private int pause;
    private int paused;

    ScreenedMatrix(PackedMatrix exact, ArgmaxScreen screen) {
        this.exact = exact;
        this.screen = screen;
    }

    PackedMatrix exact() {
        return exact;
    }

    ArgmaxScreen screen() {
        return screen;
    }

    /** False for some products after one whose screening was in vain, each time for twice as many. */
    boolean worthTrying() {
        if (paused < pause) {
            paused++;
            return false;
        }
        return true;
    }

    void tried(boolean inVain) {
        paused = 0;
        pause = inVain ? Math.clamp(2L * pause, FIRST_PAUSE, LONGEST_PAUSE) : 0;
    }

    @Override
    public int outputs() {
        return exact.outputs();
    }

    @Override
    public int inputs() {
        return exact.inputs();
    }

    @Override
    public int valueBytes() {
        return exact.valueBytes();
    }

    @Override
    public void close() {
        exact.close();
        screen.close();
    }
}
