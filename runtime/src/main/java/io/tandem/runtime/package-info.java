/** What the services that compute share: the model's settings, the one engine of a process, and errors from the engine. */
package io.tandem.runtime;
