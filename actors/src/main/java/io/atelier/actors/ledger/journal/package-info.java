/**
 * What the ledger writes down, and what is read of it: one {@link LedgerEntry} a line of {@link
 * LedgerFile}, a {@link LedgerSnapshot} with each checkpoint. {@link LedgerAudit} goes through a
 * journal again and says what contradicts its promises.
 */
package io.atelier.actors.ledger.journal;
