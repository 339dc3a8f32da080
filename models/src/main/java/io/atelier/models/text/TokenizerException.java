package io.atelier.models.text;

/** Tokenizer files that are missing or wrong; the message names the file and the key. */
public final class TokenizerException extends RuntimeException {

  public TokenizerException(String message) {
    super(message);
  }

  public TokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
