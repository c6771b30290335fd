/** The gateway: the public API, and what decides which request runs where. */
package io.tandem.gateway;
