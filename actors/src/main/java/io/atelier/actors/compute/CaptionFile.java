package io.atelier.actors.compute;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.models.files.Contents;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads captions from a text file in UTF-8: one on each line, or on each line a JSON object whose
 * {@code "prompt"} is one and whose other keys are its attributes. Lines without a visible
 * character are none; white space around a caption, and a byte order mark, are no part of it. Lines
 * that say the same again are left out, and counted in the log. Whatever else a file may be is
 * refused.
 */
public final class CaptionFile {

  private static final Logger LOG = LoggerFactory.getLogger(CaptionFile.class);

  private static final long LARGEST = 256 << 20;

  private static final String PROMPT = "prompt";

  /** Bytes of the attributes of a caption, as of a caption itself. */
  private static final int LARGEST_ATTRIBUTES = 1 << 16;

  /** Captions that come up more than once and are named; more are counted. */
  private static final int NAMED = 5;

  /** One line that is not blank: a caption and its attributes. */
  private record Line(String caption, String attributes) {}

  private final String key;
  private final Path file;
  private final String content;

  private CaptionFile(String key, Path file, String content) {
    this.key = key;
    this.file = file;
    this.content = content;
  }

  /**
   * The captions of {@code file}; the index of each is its place among them.
   *
   * @param key what names the file, for messages
   * @throws IllegalArgumentException that names key, file and what is wrong with it
   */
  public static List<Prompt> read(String key, Path file) {
    return read(key, file, "one caption on each line");
  }

  /**
   * The same of a file of which more is wanted than captions.
   *
   * @param content what is wanted, for messages: "one caption on each line"
   */
  static List<Prompt> read(String key, Path file, String content) {
    CaptionFile reader = new CaptionFile(key, file, content);
    List<Line> lines = reader.captions(reader.text());
    if (lines.isEmpty()) {
      throw reader.wrong("has nothing in it; write %s", content);
    }
    Map<Line, Integer> times = new LinkedHashMap<>();
    lines.forEach(line -> times.merge(line, 1, Integer::sum));
    List<Prompt> prompts = new ArrayList<>();
    times
        .keySet()
        .forEach(
            line -> prompts.add(new Prompt(prompts.size(), line.caption(), line.attributes())));
    if (prompts.size() < lines.size()) {
      List<String> again =
          times.entrySet().stream()
              .filter(entry -> entry.getValue() > 1)
              .limit(NAMED)
              .map(
                  e ->
                      "\"%s\" %d times"
                          .formatted(Captions.beginning(e.getKey().caption()), e.getValue()))
              .toList();
      LOG.warn(
          "{}: of {} captions in {} {} say the same again and are left out, as {}",
          key,
          lines.size(),
          file,
          lines.size() - prompts.size(),
          String.join(", ", again));
    }
    return prompts;
  }

  private IllegalArgumentException wrong(String what, Object... values) {
    return new IllegalArgumentException(
        "%s: file %s %s".formatted(key, file, what.formatted(values)));
  }

  private String text() {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (Files.exists(file) && name.matches(".*\\.(csv|tsv|parquet|arrow|xlsx?|ods|ya?ml)")) {
      throw wrong(
          "is a table, of which nobody knows the column; write its captions into a .txt file, one"
              + " on each line");
    }
    byte[] bytes;
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LARGEST) {
        throw wrong("has %d bytes, more than the %d that are read", Files.size(file), LARGEST);
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw wrong("does not exist; name a text file with %s", content);
    } catch (IOException e) {
      throw wrong("cannot be read: %s", Contents.reason(e));
    }
    if (bytes.length == 0) {
      throw wrong("is empty; write %s", content);
    }
    Contents.known(bytes)
        .ifPresent(
            what -> {
              throw wrong("holds no captions: it is %s", what);
            });
    return decoded(bytes);
  }

  private String decoded(byte[] bytes) {
    boolean wide =
        bytes.length > 1
            && ((bytes[0] & 255) == 0xfe && (bytes[1] & 255) == 0xff
                || (bytes[0] & 255) == 0xff && (bytes[1] & 255) == 0xfe);
    if (wide) {
      throw wrong("is UTF-16 text; save it as UTF-8, as by: iconv -f UTF-16 -t UTF-8");
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        throw wrong("is no text: byte %d is 0; name a text file in UTF-8", i);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw wrong("is no UTF-8 text; save it as UTF-8, as by: iconv -f WINDOWS-1252 -t UTF-8");
    }
  }

  private List<Line> captions(String text) {
    List<String> lines = text.lines().map(CaptionFile::trimmed).toList();
    List<String> filled = lines.stream().filter(line -> !line.isEmpty()).toList();
    if (filled.isEmpty()) {
      return List.of();
    }
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean json = name.matches(".*\\.(jsonl|ndjson)") || isJson(filled.get(0));
    if (!json && (name.endsWith(".json") || filled.get(0).matches("\\[\\s*([{\"].*)?"))) {
      throw wrong(
          "is one JSON document; write one object with \"prompt\" on each line (.jsonl), or plain"
              + " captions");
    }
    if (filled.get(0).matches("(\"?\\w+\"?[,;\t])*\"?(prompt|caption)\"?([,;\t]\"?\\w+\"?)*")
        && filled.get(0).matches(".*[,;\t].*")) {
      throw wrong(
          "begins like a table (\"%s\"); write its captions into a .txt file, one on each line",
          filled.get(0));
    }
    List<Line> captions = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isEmpty()) {
        if (!json && lines.get(i).startsWith("{") && isJson(lines.get(i))) {
          throw wrong(
              "line %d is a JSON object, but the first line is a plain caption; write all of them in one way",
              i + 1);
        }
        Line line = json ? object(lines.get(i), i + 1) : new Line(lines.get(i), "");
        requirePrintable(line.caption(), i + 1);
        captions.add(line);
      }
    }
    return captions;
  }

  private static boolean isJson(String line) {
    try {
      JsonFile.parse("", line.getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (FileException e) {
      return false; // a caption may begin with a brace
    }
  }

  private Line object(String line, int number) {
    JsonFile object;
    try {
      object = JsonFile.parse("line " + number, line.getBytes(StandardCharsets.UTF_8));
    } catch (FileException e) {
      throw wrong("is of JSON lines, but %s", e.getMessage());
    }
    TreeSet<String> keys = new TreeSet<>();
    object.object().fieldNames().forEachRemaining(keys::add);
    if (!object.get(PROMPT).isTextual()) {
      throw wrong(
          "line %d has no text \"prompt\"; %s",
          number, keys.isEmpty() ? "it is empty" : "its keys are " + String.join(", ", keys));
    }
    String caption = trimmed(object.text(PROMPT));
    if (caption.isEmpty()) {
      throw wrong("line %d has an empty \"prompt\"", number);
    }
    ObjectNode others = object.object().deepCopy();
    others.remove(PROMPT);
    String attributes = others.isEmpty() ? "" : others.toString();
    int bytes = attributes.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LARGEST_ATTRIBUTES) {
      throw wrong(
          "line %d has %d bytes beside its \"prompt\", and a prompt has room for %d",
          number, bytes, LARGEST_ATTRIBUTES);
    }
    return new Line(caption, attributes);
  }

  /** A separator or control character within a caption: nobody sees it, and encoders do. */
  private void requirePrintable(String caption, int number) {
    OptionalInt strange =
        caption
            .codePoints()
            .filter(
                point ->
                    point != '\t' && Character.isISOControl(point)
                        || Character.getType(point) == Character.SURROGATE // half a character
                        || point == 0x2028
                        || point == 0x2029
                        || point == 0xfffd)
            .findFirst();
    if (strange.isPresent()) {
      throw wrong(
          "line %d has the character U+%04X inside a caption; replace it by a space, or begin"
              + " another line",
          number, strange.getAsInt());
    }
  }

  /** Without white space and marks that nobody sees at either end; empty if nothing is visible. */
  static String trimmed(String line) {
    if (line.codePoints().allMatch(CaptionFile::isInvisible)) {
      return "";
    }
    int from = 0;
    int to = line.length();
    while (isSpace(line.charAt(from))) {
      from++;
    }
    while (isSpace(line.charAt(to - 1))) {
      to--;
    }
    return line.substring(from, to);
  }

  private static boolean isInvisible(int point) {
    return isSpace(point) || Character.getType(point) == Character.FORMAT;
  }

  private static boolean isSpace(int point) {
    return Character.isWhitespace(point)
        || Character.isSpaceChar(point)
        || point == 0xfeff
        || point == 0x200b;
  }
}
