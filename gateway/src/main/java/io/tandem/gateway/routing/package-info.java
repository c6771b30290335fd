/** The decoders and the choice among them. */
package io.tandem.gateway.routing;
