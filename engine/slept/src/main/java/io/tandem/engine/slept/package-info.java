/**
 * Test equipment: a backend that computes nothing and takes its time, for measuring everything around the model. No app holds it; a
 * process finds its jar by {@link io.tandem.engine.runner.Backends#PATH}.
 */
package io.tandem.engine.slept;
