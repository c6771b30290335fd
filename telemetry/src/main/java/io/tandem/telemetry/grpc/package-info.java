/** How a request's span and id cross gRPC. */
package io.tandem.telemetry.grpc;
