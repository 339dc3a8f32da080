package io.atelier.actors.web.index;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The last line of a file of JSON lines, without the lines before it. */
public final class LastLine {

  /** Bytes that are read from the end. */
  private static final int TAIL = 256 << 10;

  private LastLine() {}

  /** Returns the last complete line; a missing node if there is none, or it is not JSON. */
  public static JsonNode of(Path file) throws IOException {
    long size = FileMark.of(file).size();
    if (size == 0) {
      return MissingNode.getInstance();
    }
    ByteBuffer tail = ByteBuffer.allocate((int) Math.min(TAIL, size));
    try (FileChannel in = FileChannel.open(file)) {
      long from = size - tail.capacity();
      while (tail.hasRemaining() && in.read(tail, from + tail.position()) >= 0) {
        continue;
      }
    }
    byte[] bytes = tail.array();
    int end = before(bytes, tail.position() - 1);
    int begin = before(bytes, end - 1) + 1;
    if (end <= 0 || begin == 0 && size > TAIL) {
      return MissingNode.getInstance();
    }
    try {
      return Answer.JSON.readTree(bytes, begin, end - begin);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  private static int before(byte[] bytes, int from) {
    int at = from;
    while (at >= 0 && bytes[at] != '\n') {
      at--;
    }
    return at;
  }
}
