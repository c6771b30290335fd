/** Settings of the vision service. */
package io.tandem.vision.config;
