/** The all-in-one app: its command line, and what it says when it is up. */
package io.tandem.deploy;
