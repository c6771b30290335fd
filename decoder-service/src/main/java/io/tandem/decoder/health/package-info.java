/** Tells orchestrators whether the decoder can take calls. */
package io.tandem.decoder.health;
