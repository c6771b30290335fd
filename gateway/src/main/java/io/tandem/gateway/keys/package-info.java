/** Who may use the API: hashed keys from settings and a file. */
package io.tandem.gateway.keys;
