/** From the bytes of pictures to soft tokens in the cache: decoded, prepared, batched, each distinct picture once. */
package io.tandem.vision.encoding;
