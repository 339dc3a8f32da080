package io.atelier.actors.web.index;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An index of a growing file of JSON lines: where the lines of each step are, and which files they
 * name. What was read once is not read again, so that a file of 100 MB costs nothing while it
 * grows; a file that was replaced is read from its beginning. Thread-safe.
 */
public final class LineIndex {

  /** Longest line in bytes; a longer one ends the reading. */
  static final int LONGEST = 8 << 20;

  /** Stands for the step of lines that have none. */
  public static final int NO_STEP = -1;

  /** Most lines of one step that are returned. */
  static final int MOST = 4096;

  private static final long MOST_BYTES = 64L << 20;
  private static final int CHUNK = 64 << 10;

  /** One line; {@code length} does not include the line feed. */
  private record Line(long offset, int length) {}

  /** Which files of a line count as named. */
  public enum Named {
    NONE,
    /** By {@code file}. */
    ONE,
    /** By {@code file} or {@code files}, at any depth. */
    ANY
  }

  private static final byte[] STEP = "{\"step\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FILE = "\"file\":\"".getBytes(StandardCharsets.US_ASCII);

  /** Bytes at the beginning of a line that usually hold its step and its one file. */
  private static final int HEAD = 512;

  private final Path file;
  private final Named named;
  private final TreeMap<Integer, List<Line>> steps = new TreeMap<>();
  private final Set<String> names = new HashSet<>();
  private FileMark mark = FileMark.NONE;
  private long read;
  private int damaged;

  public LineIndex(Path file, Named named) {
    this.file = file;
    this.named = named;
  }

  /** Returns the steps that have lines. */
  public synchronized SortedSet<Integer> steps() throws IOException {
    update();
    return new TreeSet<>(steps.tailMap(0).keySet());
  }

  /** Whether a line names this file, by {@code file} or in {@code files}. */
  public synchronized boolean names(String name) throws IOException {
    if (names.contains(name)) {
      return true; // pages ask for many at once
    }
    update();
    return names.contains(name);
  }

  /** Returns the number of complete lines that are not valid JSON. */
  public synchronized int damaged() throws IOException {
    update();
    return damaged;
  }

  /** Returns the lines of a step, at most {@link #MOST} and {@link #MOST_BYTES}. */
  public synchronized List<JsonNode> lines(int step) throws IOException {
    update();
    List<JsonNode> lines = new ArrayList<>();
    List<Line> wanted = steps.getOrDefault(step, List.of());
    if (wanted.isEmpty()) {
      return lines;
    }
    try (FileChannel in = FileChannel.open(file)) {
      long given = 0;
      for (Line line : wanted.subList(0, Math.min(MOST, wanted.size()))) {
        given += line.length();
        if (given > MOST_BYTES) {
          break;
        }
        ByteBuffer bytes = ByteBuffer.allocate(line.length());
        while (bytes.hasRemaining() && in.read(bytes, line.offset() + bytes.position()) >= 0) {
          continue;
        }
        try {
          lines.add(Answer.JSON.readTree(bytes.array(), 0, bytes.position()));
        } catch (JsonProcessingException e) {
          continue; // the others stay readable
        }
      }
    }
    return lines;
  }

  private void update() throws IOException {
    FileMark now = FileMark.of(file);
    if (!now.key().equals(mark.key()) || now.size() < read) {
      steps.clear();
      names.clear();
      read = 0;
      damaged = 0;
    }
    mark = now;
    if (now.size() == read) {
      return;
    }
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(read);
      scan(in);
    }
  }

  private void scan(InputStream in) throws IOException {
    byte[] chunk = new byte[CHUNK];
    ByteArrayOutputStream begun = new ByteArrayOutputStream();
    for (int count; (count = in.read(chunk)) > 0; ) {
      // Latin-1 maps bytes one to one, and indexOf is fast at once, unlike a loop of our own
      String text = new String(chunk, 0, count, StandardCharsets.ISO_8859_1);
      int begin = 0;
      for (int end; (end = text.indexOf('\n', begin)) >= 0; begin = end + 1) {
        if (begun.size() == 0) {
          line(chunk, begin, end - begin);
        } else {
          begun.write(chunk, begin, end - begin);
          line(begun.toByteArray(), 0, begun.size());
          begun.reset();
        }
      }
      begun.write(chunk, begin, count - begin);
      if (begun.size() > LONGEST) {
        throw new IOException(
            "%s has a line of more than %d bytes".formatted(file.getFileName(), LONGEST));
      }
    }
  }

  private void line(byte[] bytes, int from, int length) throws IOException {
    Line line = new Line(read, length);
    read += length + 1L;
    if (named != Named.ANY && quickly(bytes, from, length, line)) {
      return;
    }
    List<String> found = new ArrayList<>();
    try (JsonParser parser = Answer.JSON.createParser(bytes, from, length)) {
      Integer step = head(parser, found);
      names.addAll(found);
      add(step == null ? NO_STEP : step, line);
    } catch (JsonProcessingException e) {
      damaged++; // by an older or another program; the others stay readable
    }
  }

  private void add(int step, Line line) {
    steps.computeIfAbsent(step, added -> new ArrayList<>()).add(line);
  }

  /**
   * Takes step and file from a line in the form that runs write, without parsing it, which is ten
   * times as fast: maps of places make such lines long. Quotation marks within JSON texts are
   * escaped, so what looks like the key {@code file} is one.
   */
  private boolean quickly(byte[] bytes, int from, int length, Line line) {
    int end = from + length;
    int head = Math.min(end, from + HEAD);
    if (find(bytes, from, Math.min(head, from + STEP.length), STEP) < 0 || bytes[end - 1] != '}') {
      return false;
    }
    int step = 0;
    int at = from + STEP.length;
    for (; at < head && bytes[at] >= '0' && bytes[at] <= '9' && step < 100_000_000; at++) {
      step = 10 * step + bytes[at] - '0';
    }
    if (at == from + STEP.length || at == head || bytes[at] != ',') {
      return false;
    }
    if (named == Named.ONE) {
      int name = find(bytes, at, head, FILE) + FILE.length;
      int over = name;
      while (over < head && bytes[over] != '"' && bytes[over] != '\\') {
        over++;
      }
      if (name < FILE.length || over == head || bytes[over] != '"') {
        return false;
      }
      names.add(new String(bytes, name, over - name, StandardCharsets.UTF_8));
    }
    add(step, line);
    return true;
  }

  /** Returns where {@code what} begins; -1 if it is not there. */
  private static int find(byte[] bytes, int from, int to, byte[] what) {
    for (int at = from; at + what.length <= to; at++) {
      if (Arrays.equals(bytes, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    return -1;
  }

  /** Reads a line without building a tree: maps of places make it long. */
  private static Integer head(JsonParser parser, List<String> files) throws IOException {
    Integer step = null;
    int depth = 0;
    for (JsonToken token; (token = parser.nextToken()) != null; ) {
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (token != JsonToken.FIELD_NAME) {
        continue;
      }
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("step") && depth == 1 && value == JsonToken.VALUE_NUMBER_INT) {
        step = parser.getIntValue();
      } else if (name.equals("file") && value == JsonToken.VALUE_STRING) {
        files.add(parser.getText());
      } else if (name.equals("files") && value == JsonToken.START_ARRAY) {
        while (parser.nextToken() == JsonToken.VALUE_STRING) {
          files.add(parser.getText());
        }
      } else if (name.equals("images") && value == JsonToken.START_ARRAY) {
        depth++;
      } else {
        parser.skipChildren();
      }
    }
    return step;
  }
}
