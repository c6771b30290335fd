/** What follows a request through every role: its id, its span, and what both mean for threads and log lines. */
package io.tandem.telemetry;
