/**
 * What the ledger knows at a moment: groups ({@link Groups}), workers ({@link Crew}), nodes ({@link
 * Nodes}) and the weights that are published ({@link Versions}). Each keeps its indexes and answers
 * for its own part only; what follows from an event is decided one room up.
 */
package io.atelier.actors.ledger.state;
