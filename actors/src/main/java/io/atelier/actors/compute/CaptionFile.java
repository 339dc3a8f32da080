package io.atelier.actors.compute;

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
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads captions from a text file in UTF-8: one on each line, or on each line a JSON object whose
 * {@code "prompt"} is one. Lines without a visible character are none; white space around a
 * caption, and a byte order mark, are no part of it. Whatever else a file may be is refused.
 */
public final class CaptionFile {

  private static final Logger LOG = LoggerFactory.getLogger(CaptionFile.class);

  private static final long LARGEST = 256 << 20;

  private static final String PROMPT = "prompt";

  private final Path file;

  private CaptionFile(Path file) {
    this.file = file;
  }

  /** The captions of {@code file}; the index of each is its place among them. */
  public static List<Prompt> read(Path file) {
    CaptionFile reader = new CaptionFile(file);
    List<String> captions = reader.captions(reader.text());
    if (captions.isEmpty()) {
      throw reader.wrong("has no caption; write one on each line");
    }
    List<Prompt> prompts = new ArrayList<>();
    captions.forEach(caption -> prompts.add(new Prompt(prompts.size(), caption)));
    return prompts;
  }

  private IllegalArgumentException wrong(String what, Object... values) {
    return new IllegalArgumentException(
        "data.prompts: file %s %s".formatted(file, what.formatted(values)));
  }

  private String text() {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (Files.exists(file) && name.matches(".*\\.(csv|tsv|parquet|arrow|xlsx?|ods|ya?ml)")) {
      throw wrong(
          "is a table, of which nobody knows the column; write its captions into a .txt file, one"
              + " on each line");
    }
    byte[] content;
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LARGEST) {
        throw wrong("has %d bytes, more than the %d that are read", Files.size(file), LARGEST);
      }
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw wrong("does not exist; name a text file with one caption on each line");
    } catch (IOException e) {
      throw wrong("cannot be read: %s", Contents.reason(e));
    }
    if (content.length == 0) {
      throw wrong("is empty; write one caption on each line");
    }
    Contents.known(content)
        .ifPresent(
            what -> {
              throw wrong("holds no captions: it is %s", what);
            });
    return decoded(content);
  }

  private String decoded(byte[] content) {
    boolean wide =
        content.length > 1
            && ((content[0] & 255) == 0xfe && (content[1] & 255) == 0xff
                || (content[0] & 255) == 0xff && (content[1] & 255) == 0xfe);
    if (wide) {
      throw wrong("is UTF-16 text; save it as UTF-8, as by: iconv -f UTF-16 -t UTF-8");
    }
    for (int i = 0; i < content.length; i++) {
      if (content[i] == 0) {
        throw wrong("is no text: byte %d is 0; name a text file in UTF-8", i);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw wrong("is no UTF-8 text; save it as UTF-8, as by: iconv -f WINDOWS-1252 -t UTF-8");
    }
  }

  private List<String> captions(String text) {
    List<String> lines = text.lines().map(CaptionFile::trimmed).toList();
    List<String> filled = lines.stream().filter(line -> !line.isEmpty()).toList();
    if (filled.isEmpty()) {
      return List.of();
    }
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean json = name.matches(".*\\.(jsonl|ndjson)") || isJson(filled.get(0));
    if (!json && (name.endsWith(".json") || filled.get(0).equals("["))) {
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
    List<String> captions = new ArrayList<>();
    TreeSet<String> unused = new TreeSet<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isEmpty()) {
        String caption = json ? prompt(lines.get(i), i + 1, unused) : lines.get(i);
        requirePrintable(caption, i + 1);
        captions.add(caption);
      }
    }
    if (!unused.isEmpty()) {
      LOG.warn("{}: of each line only \"prompt\" is used, not {}", file, String.join(", ", unused));
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

  private String prompt(String line, int number, TreeSet<String> unused) {
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
          "line %d has no text \"prompt\"; its keys are %s", number, String.join(", ", keys));
    }
    String caption = trimmed(object.text(PROMPT));
    if (caption.isEmpty()) {
      throw wrong("line %d has an empty \"prompt\"", number);
    }
    keys.remove(PROMPT);
    unused.addAll(keys);
    return caption;
  }

  /** A separator or control character within a caption: nobody sees it, and encoders do. */
  private void requirePrintable(String caption, int number) {
    OptionalInt strange =
        caption
            .codePoints()
            .filter(
                point ->
                    point != '\t' && Character.isISOControl(point)
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
  private static String trimmed(String line) {
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
