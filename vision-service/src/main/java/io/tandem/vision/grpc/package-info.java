/** The vision service's side of the wire: a header and chunks in, the content key of soft tokens out. */
package io.tandem.vision.grpc;
