/** One answer from pictures and prompt to the last token, over gRPC; knows nothing of HTTP. */
package io.tandem.gateway.pipeline;
