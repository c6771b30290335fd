package io.tandem.gateway.http;

import java.time.Duration;

/**
 * How much of a body is taken.
 *
 * @param bytes most of it
 * @param advice what to do about a larger one, as the end of a sentence; empty if nothing can be done
 * @param timeout longest time until its last byte
 */
record BodyLimit(long bytes, String advice, Duration timeout) {}
