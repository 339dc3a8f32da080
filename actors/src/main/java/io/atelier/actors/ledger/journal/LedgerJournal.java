package io.atelier.actors.ledger.journal;

/** Where the ledger's entries go, in order. A method that throws fails the run. */
public interface LedgerJournal {

  void append(LedgerEntry entry);

  /** Syncs everything appended so far; returns the journal's length in bytes. */
  long force();
}
