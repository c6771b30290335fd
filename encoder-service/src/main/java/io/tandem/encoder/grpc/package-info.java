/** The encoder service's side of the wire. */
package io.tandem.encoder.grpc;
