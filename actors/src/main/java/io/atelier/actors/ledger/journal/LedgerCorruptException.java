package io.atelier.actors.ledger.journal;

/** A ledger file that cannot be read or continued. */
public final class LedgerCorruptException extends RuntimeException {
  public LedgerCorruptException(String message) {
    super(message);
  }

  public LedgerCorruptException(String message, Throwable cause) {
    super(message, cause);
  }
}
