/** What this process tells of the model that it serves. */
package io.tandem.runtime.model;
