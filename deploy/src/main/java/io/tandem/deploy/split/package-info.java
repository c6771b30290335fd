/** {@code ./run --split}: every role as a process of its own on one machine, and what looks after them. */
package io.tandem.deploy.split;
