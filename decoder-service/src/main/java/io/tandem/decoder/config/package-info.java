/** Settings of the decoder service. */
package io.tandem.decoder.config;
