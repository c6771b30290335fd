/** Texts as vectors, made from the same encoder states as answers are. */
package io.tandem.encoder.embedding;
