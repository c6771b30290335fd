/** The vision service: pictures in, soft tokens out. */
package io.tandem.vision;
