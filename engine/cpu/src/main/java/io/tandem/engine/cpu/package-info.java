/** The operations of {@link io.tandem.engine.ops.Ops} on the CPU, with the Vector API. */
package io.tandem.engine.cpu;
