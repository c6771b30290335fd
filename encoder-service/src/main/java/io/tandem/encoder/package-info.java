/** The encoder service: messages, texts and soft tokens in, encoder states out. */
package io.tandem.encoder;
