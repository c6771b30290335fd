/** The figures of the gateway. */
package io.tandem.gateway.metrics;
