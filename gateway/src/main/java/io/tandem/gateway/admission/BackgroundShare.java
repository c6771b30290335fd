package io.tandem.gateway.admission;

/**
 * How many places background work takes, of those that nobody else wants.
 *
 * @param alone while no other request runs
 * @param beside while others do
 */
public record BackgroundShare(int alone, int beside) {}
