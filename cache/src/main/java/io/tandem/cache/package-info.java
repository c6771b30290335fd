/** Content keys, and the store in which encoder states and image soft tokens are kept under them. */
package io.tandem.cache;
