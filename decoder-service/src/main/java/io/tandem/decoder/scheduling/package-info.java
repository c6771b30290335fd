/**
 * Continuous batching: who is in the next decoder step, and the thread that runs it.
 *
 * <p>{@link io.tandem.decoder.scheduling.StepThread} is the way in, {@link io.tandem.decoder.scheduling.Generation} the
 * way out.
 */
package io.tandem.decoder.scheduling;
