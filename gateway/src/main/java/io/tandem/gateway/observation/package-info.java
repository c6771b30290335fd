/** What is told of a request that writes answers, in traces and figures, under the names that everybody uses. */
package io.tandem.gateway.observation;
