/** The life of the calls of a gRPC service: begun on a virtual thread, ended by cancel or deadline, counted, drained. */
package io.tandem.runtime.calls;
