/** The decoder's side of the wire: requests in, events out, one virtual thread a call. */
package io.tandem.decoder.grpc;
