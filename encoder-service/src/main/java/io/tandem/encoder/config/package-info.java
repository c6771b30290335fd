/** Settings of the encoder service. */
package io.tandem.encoder.config;
