/** Routes, bodies and responses; knows nothing of gRPC. */
package io.tandem.gateway.http;
