/** The forward passes of T5Gemma 2, written once over {@link io.tandem.engine.ops.Ops}. */
package io.tandem.engine.model;
