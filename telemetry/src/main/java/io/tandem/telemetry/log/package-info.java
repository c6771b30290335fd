/** How log lines look. */
package io.tandem.telemetry.log;
