/** Weights: safetensors files, the names found in them, and checkpoint folders checked as a whole. */
package io.tandem.engine.checkpoint;
