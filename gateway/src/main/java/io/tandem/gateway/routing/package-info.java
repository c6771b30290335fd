/** Who there is behind the gateway, and the choice among them. */
package io.tandem.gateway.routing;
