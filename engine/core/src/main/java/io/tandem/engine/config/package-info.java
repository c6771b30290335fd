/** What a checkpoint's configuration files say, as records; values have been checked against each other. */
package io.tandem.engine.config;
