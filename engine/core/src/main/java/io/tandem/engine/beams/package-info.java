/**
 * Beam search as transformers' {@code generate} does it: which continuations go on, which have ended, and when it is over.
 *
 * <p>It knows tokens and log probabilities only; whoever runs it owns the sequences that the beams stand for.
 */
package io.tandem.engine.beams;
