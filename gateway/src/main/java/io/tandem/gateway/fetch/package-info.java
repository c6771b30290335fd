/** Pictures that a request names by address: where to fetch them from is checked at every step, and how much is bounded. */
package io.tandem.gateway.fetch;
