/** How many decoders an installation needs: a simulation of it, driven by measured times and by the gateway's own choice of decoders. */
package io.tandem.bench.capacity;
