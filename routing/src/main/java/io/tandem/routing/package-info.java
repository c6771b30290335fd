/** Which of several instances gets a request about some content: the same answer in every process that asks. */
package io.tandem.routing;
