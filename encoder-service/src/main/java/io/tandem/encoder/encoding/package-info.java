/** From segments of tokens to encoder states in the cache: looked up, batched, each distinct segment once. */
package io.tandem.encoder.encoding;
