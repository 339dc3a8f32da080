package io.atelier.actors.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Standard output that remembers its first failure: a {@link PrintWriter} swallows it, and a result
 * that went to a full disk would pass for written.
 */
public final class StandardOutput extends OutputStream {

  private final OutputStream target = new FileOutputStream(FileDescriptor.out);
  private volatile IOException failure;

  public PrintWriter writer() {
    return new PrintWriter(this, true, StandardCharsets.UTF_8);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      target.write(bytes, offset, length);
    } catch (IOException e) {
      if (failure == null) {
        failure = e;
      }
      throw e;
    }
  }

  /**
   * Why some of the output is lost; empty if all of it was written, or if its reader had read
   * enough (a closed pipe, as {@code | head} leaves it).
   */
  public Optional<IOException> failure() {
    return Optional.ofNullable(failure).filter(e -> !"Broken pipe".equals(e.getMessage()));
  }
}
