/** Tells orchestrators whether the vision service can take calls. */
package io.tandem.vision.health;
