/**
 * Who works on which group with which weights: a pure state machine ({@link
 * io.atelier.actors.ledger.Ledger}) that takes events and returns effects, and the journal it
 * leaves in the run folder. No actor, clock or I/O but for {@link
 * io.atelier.actors.ledger.LedgerFile}.
 */
package io.atelier.actors.ledger;
