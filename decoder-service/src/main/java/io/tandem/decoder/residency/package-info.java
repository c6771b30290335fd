/** Encoder memories: streamed in from the state store, shared by key, kept while there is room. */
package io.tandem.decoder.residency;
