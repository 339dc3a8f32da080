package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CaptionFileTest {

  @TempDir Path folder;

  private List<String> read(String name, String text) {
    return read(name, text, StandardCharsets.UTF_8);
  }

  private List<String> read(String name, String text, Charset charset) {
    try {
      Path file = Files.write(folder.resolve(name), text.getBytes(charset));
      return CaptionFile.read("data.prompts", file).stream().map(Prompt::text).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void refused(String name, String text, Charset charset, String... told) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> read(name, text, charset)).getMessage();
    assertTrue(message.startsWith("data.prompts: file " + folder.resolve(name)), message);
    for (String part : told) {
      assertTrue(message.contains(part), () -> "\"%s\" lacks \"%s\"".formatted(message, part));
    }
    assertFalse(message.contains("Exception") || message.contains("\n"), message);
  }

  private void refused(String name, String text, String... told) {
    refused(name, text, StandardCharsets.UTF_8, told);
  }

  @Test
  void shouldLeaveOutMarksThatNobodySees() {
    assertEquals(List.of("red apple", "blue car"), read("bom.txt", "\ufeffred apple\nblue car\n"));
    assertEquals(List.of("a", "b"), read("joined.txt", "a\r\n\r\n\ufeffb\r\n"));
    assertEquals(List.of("x y"), read("nbsp.txt", "\u00a0\n\u200b\n\u00a0x y\u3000\n\u2060\n"));
    assertEquals(
        List.of("🍎 red apple", "苹果", "تفاحة حمراء", "👨\u200d👩 two", "{a|b} cat"),
        read("other.txt", "🍎 red apple\n苹果\nتفاحة حمراء\n👨\u200d👩 two\n{a|b} cat"));
  }

  @Test
  void shouldReadThePromptOfJsonLines() {
    String lines = "{\"prompt\": \"red apple\"}\n\n{\"prompt\": \" blue \\u00e4 \", \"tag\": 1}\n";
    for (String name : List.of("a.jsonl", "a.txt", "a.ndjson", "a.json")) {
      assertEquals(List.of("red apple", "blue ä"), read(name, lines), name);
    }
    assertEquals(List.of("x"), read("b.jsonl", "\ufeff{\"prompt\": \"x\"}"));
    refused(
        "c.jsonl",
        "{\"prompt\": \"x\"}\n{\"text\": \"y\", \"n\": 1}",
        "line 2",
        "keys are n, text");
    refused("d.jsonl", "{\"prompt\": \"x\"}\nplain\n", "line 2", "not valid JSON");
    refused("e.txt", "{\"prompt\": \"x\"}\n{\"prompt\": \"y\"\n", "line 2", "breaks off");
    refused("h.jsonl", "{}\n", "line 1 has no text \"prompt\"; it is empty");
    refused("f.jsonl", "{\"prompt\": 3}\n", "line 1 has no text \"prompt\"");
    refused("g.jsonl", "{\"prompt\": \"a\\nb\"}\n", "line 1", "U+000A");
  }

  @Test
  void shouldSayHowToConvertWhatIsNoCaptionFile() {
    refused("a.csv", "id,prompt\n1,\"red apple\"\n", "is a table", ".txt");
    refused("b.TSV", "prompt\tid\nx\t1\n", "is a table");
    refused("c.txt", "id,prompt\n1,red apple\n", "begins like a table", "id,prompt");
    refused("d.txt", "red apple\n", StandardCharsets.UTF_16, "UTF-16", "iconv -f UTF-16");
    refused("e.txt", "red apple\n", StandardCharsets.UTF_16LE, "no text: byte 1 is 0");
    refused("f.txt", "grüner Apfel\n", StandardCharsets.ISO_8859_1, "no UTF-8", "iconv");
    refused("g.bin", "\0".repeat(40) + "\n", "no text: byte 0 is 0");
    refused("h.json", "[\n{\"prompt\": \"x\"}\n]", "one JSON document", ".jsonl");
    refused("o.txt", "[\"red apple\", \"blue car\"]\n", "one JSON document");
    refused("p.txt", "[{\"prompt\": \"x\"},\n{\"prompt\": \"y\"}]\n", "one JSON document");
    assertEquals(List.of("[ad] cat"), read("q.txt", "[ad] cat\n"));
    refused("r.txt", "red apple\n{\"prompt\": \"x\"}\n", "line 2 is a JSON object");
    refused("i.parquet", "PAR1", "is a table");
    refused("j.txt", "version https://git-lfs.github.com/spec/v1\nsize 9\n", "Git LFS pointer");
    refused("k.txt", "<!DOCTYPE html>\n<html></html>", "web page");
    refused("l.zip", "PK\u0003\u0004" + "x".repeat(20), "zip archive");
    refused("m.txt", "", "is empty", "one caption on each line");
    refused("n.txt", "\n\n\u00a0\n\ufeff", "has nothing in it; write one caption on each line");
  }

  @Test
  void shouldNameTheLineOfACharacterThatNobodySees() {
    refused("a.txt", "red\nblue\u2028car\n", "line 2", "U+2028");
    refused("b.txt", "red\n\nblue\u0007car\n", "line 3", "U+0007");
    refused("c.txt", "red\u0085car\n", "line 1", "U+0085");
    refused("d.txt", "gr\ufffdn\n", "line 1", "U+FFFD");
    assertEquals(List.of("a\tb"), read("e.txt", "a\tb\n"));
    refused("f.jsonl", "{\"prompt\": \"a \\ud83d fox\"}\n", "line 1", "U+D83D");
    assertEquals(List.of("a 🦊"), read("g.jsonl", "{\"prompt\": \"a \\ud83e\\udd8a\"}\n"));
  }

  @Test
  void shouldSayWhatJsonIsNotRead() {
    String deep = "{\"prompt\": \"a\", \"x\": %s%s}\n";
    deep = deep.formatted("[".repeat(2000), "]".repeat(2000));
    refused("deep.jsonl", deep, "line 1 cannot be read", "nesting depth");
    refused("nan.jsonl", "{\"prompt\": \"a\", \"x\": NaN}\n", "Non-standard token 'NaN'");
    for (String file : List.of("deep.jsonl", "nan.jsonl")) {
      String said =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> CaptionFile.read("data.prompts", folder.resolve(file)))
              .getMessage();
      assertFalse(said.contains("`"), said); // what a program could set
    }
  }

  @Test
  void shouldSayWhyAFileCannotBeRead() throws IOException {
    Path missing = folder.resolve("missing.csv");
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> CaptionFile.read("data.prompts", missing))
            .getMessage();
    assertTrue(message.contains("missing.csv does not exist"), message);
    Path directory = Files.createDirectory(folder.resolve("directory"));
    message =
        assertThrows(
                IllegalArgumentException.class, () -> CaptionFile.read("data.prompts", directory))
            .getMessage();
    assertTrue(message.contains("cannot be read: Is a directory"), message);
  }

  @Test
  void shouldKeepTheOtherKeysOfALineAsAttributes() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.jsonl"),
            "{\"tag\": \"two\", \"prompt\": \"cats\", \"include\": [{\"n\": 2}]}\n{\"prompt\": \"b\"}\n");
    assertEquals(
        List.of(
            new Prompt(0, "cats", "{\"tag\":\"two\",\"include\":[{\"n\":2}]}"), new Prompt(1, "b")),
        CaptionFile.read("data.prompts", file));
    refused(
        "b.jsonl",
        "{\"prompt\": \"x\", \"long\": \"%s\"}".formatted("y".repeat(1 << 16)),
        "line 1 has 65547 bytes beside its");
  }

  @Test
  void shouldLeaveOutAndCountWhatIsSaidAgain() {
    Logger log = (Logger) LoggerFactory.getLogger(CaptionFile.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      assertEquals(List.of("a", "b"), read("a.txt", "a\nb\na\n a \n"));
      assertEquals(1, logged.list.size());
      String warning = logged.list.get(0).getFormattedMessage();
      assertTrue(warning.contains("of 4 captions in"), warning);
      assertTrue(
          warning.endsWith("2 say the same again and are left out, as \"a\" 3 times"), warning);
      assertEquals(
          List.of("a", "a"),
          read("b.jsonl", "{\"prompt\": \"a\", \"n\": 1}\n{\"prompt\": \"a\", \"n\": 2}\n"));
      assertEquals(1, logged.list.size(), "other attributes say something else");
    } finally {
      log.detachAppender(logged);
    }
  }
}
