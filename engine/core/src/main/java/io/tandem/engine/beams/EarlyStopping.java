package io.tandem.engine.beams;

/** When a search that has as many hypotheses as it is wide is over; the values of transformers' {@code early_stopping}. */
public enum EarlyStopping {
    /** {@code false}: as soon as the best beam, at the length that it has now, is no better than the worst hypothesis. */
    HEURISTIC,
    /** {@code true}: at once. */
    WHEN_FULL,
    /** {@code "never"}: as soon as the best beam, at the length that suits it best, can't become better than the worst hypothesis. */
    WHEN_HOPELESS
}
