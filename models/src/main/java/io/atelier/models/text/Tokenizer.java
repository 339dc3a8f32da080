package io.atelier.models.text;

/** Converts text to token ids. Immutable and thread-safe. */
public interface Tokenizer extends AutoCloseable {

  /**
   * The ids of {@code text} with the tokenizer's begin and end marks, truncated to {@code length}
   * (the end mark stays) or padded to it.
   */
  long[] encode(String text, int length);

  /** Number of tokens of {@code text}, marks included, before truncation or padding. */
  int count(String text);

  /** Whether {@link #encode} to {@code length} keeps all of {@code text}. */
  default boolean fits(String text, int length) {
    return count(text) <= length;
  }

  /** The length that the model was made for: {@code model_max_length}. */
  int maxLength();

  /** Frees native memory, if there is any. */
  @Override
  default void close() {}
}
