/** The end-to-end bench: encode and decode rates of a model, and what the machine could do at most. */
package io.tandem.bench;
