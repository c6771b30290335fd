/** The decoder service: encoder states in, tokens out. {@link io.tandem.decoder.Decoder} puts its parts together. */
package io.tandem.decoder;
