package io.atelier.actors.ledger.model;

/**
 * When a computation ran, in {@link io.atelier.actors.port.Clock#nanos()}.
 *
 * @param start when it began
 * @param end when it was done
 */
public record Span(long start, long end) {}
