/**
 * What a data plane counts. {@link Tally} is the list, whose names are those of the metrics; {@link
 * Tallies} adds up, and logs what is refused at most once a second for each kind.
 */
package io.atelier.actors.transport.metrics;
