/** Chooses the next token from a model's logits: greedy, or drawn by temperature, min-p, top-k and top-p. */
package io.tandem.engine.sampling;
