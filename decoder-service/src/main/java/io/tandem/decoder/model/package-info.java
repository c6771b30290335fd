/** The model as the decoder service needs it. */
package io.tandem.decoder.model;
