package io.tandem.runtime;

import io.tandem.engine.model.Part;

/**
 * A bean that says which part of the model a service computes; the engine loads those of the services in its process.
 *
 * @param part what has to be loaded
 */
public record NeededPart(Part part) {}
