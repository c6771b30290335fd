/** From the bytes of an uploaded picture to the pixel values that the vision tower reads. */
package io.tandem.engine.image;
