/** The seam to hardware: batch-level operations on opaque tensors, and the readable oracle that defines them. */
package io.tandem.engine.ops;
