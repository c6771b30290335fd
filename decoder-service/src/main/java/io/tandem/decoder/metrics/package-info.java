/** What the decoder service counts. */
package io.tandem.decoder.metrics;
