/** Work of many calls through one runner: batches, and equal work done once. */
package io.tandem.runtime.batching;
