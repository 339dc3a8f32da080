package io.atelier.actors.web.index;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of bytes of a file, as the header {@code Range} of RFC 9110 asks for it.
 *
 * @param from first byte
 * @param to byte after the last one; at most the size of the file
 */
public record Range(long from, long to) {

  private static final Pattern ONE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

  /**
   * Reads a header of one range; other headers mean the whole file, which a server may always send.
   *
   * @param size of the file now
   * @return empty if no byte of the file is in it
   */
  public static Optional<Range> of(String header, long size) {
    Matcher parts = ONE.matcher(header == null ? "" : header.strip());
    if (!parts.matches() || parts.group(1).isEmpty() && parts.group(2).isEmpty()) {
      return Optional.of(new Range(0, size));
    }
    long from;
    long to = size;
    if (parts.group(1).isEmpty()) {
      from = Math.max(0, size - Long.parseLong(parts.group(2)));
    } else {
      from = Long.parseLong(parts.group(1));
      if (!parts.group(2).isEmpty()) {
        long last = Long.parseLong(parts.group(2));
        if (last < from) {
          return Optional.of(new Range(0, size));
        }
        to = Math.min(size, last + 1);
      }
    }
    return from < to ? Optional.of(new Range(from, to)) : Optional.empty();
  }

  public long length() {
    return to - from;
  }

  public boolean isWhole(long size) {
    return from == 0 && to == size;
  }

  /** Returns the value of {@code Content-Range}. */
  public String of(long size) {
    return "bytes %d-%d/%d".formatted(from, to - 1, size);
  }
}
