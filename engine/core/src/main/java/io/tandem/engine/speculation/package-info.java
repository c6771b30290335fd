/**
 * Guessing the next tokens of an answer from what was read, so that one step can verify several.
 *
 * <p>It belongs to the engine rather than to a service: it knows tokens only, and the bench measures it without a service.
 */
package io.tandem.engine.speculation;
