/** What services see of the model: runners for pictures, texts and decoder steps, and the engine that makes them. */
package io.tandem.engine.runner;
