/** Batches of requests on disk: checked, worked off line by line behind everybody else, and answered as files. */
package io.tandem.gateway.batches;
