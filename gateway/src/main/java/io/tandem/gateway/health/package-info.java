/** Whether the services behind the gateway serve, and what the probes say. */
package io.tandem.gateway.health;
