/** The settings of traces and logs. */
package io.tandem.telemetry.config;
