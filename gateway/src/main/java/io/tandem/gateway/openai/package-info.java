/** The shapes of the public API: bodies read into requests of the contract, answers and errors written. */
package io.tandem.gateway.openai;
