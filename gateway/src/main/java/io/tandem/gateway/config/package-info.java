/** The settings of the gateway. */
package io.tandem.gateway.config;
