/** Tells orchestrators whether the encoder service can take calls. */
package io.tandem.encoder.health;
