/** Who may run, who waits and who is refused. */
package io.tandem.gateway.admission;
