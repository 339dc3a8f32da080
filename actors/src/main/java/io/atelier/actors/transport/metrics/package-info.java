/**
 * What a data plane counts. {@link io.atelier.actors.transport.metrics.Tally} is the list, whose
 * names are those of the metrics; {@link io.atelier.actors.transport.metrics.Tallies} adds up, and
 * logs what is refused at most once a second for each kind.
 */
package io.atelier.actors.transport.metrics;
