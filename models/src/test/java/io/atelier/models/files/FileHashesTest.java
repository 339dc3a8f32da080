package io.atelier.models.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileHashesTest {

  private static final int LARGE = 3 << 20;

  @TempDir private Path folder;

  private Path cache() {
    return folder.resolve("cache");
  }

  private String hash(Path file) throws IOException {
    TreeMap<String, Path> files = new TreeMap<>();
    files.put("it", file);
    return FileHashes.cached(cache(), text -> {}).of(files).get("it");
  }

  private Path entry() throws IOException {
    try (Stream<Path> files = Files.list(cache().resolve("hashes"))) {
      List<Path> all = files.toList();
      assertEquals(1, all.size(), all::toString);
      return all.get(0);
    }
  }

  /** What is only in the cache comes back, so the file was not read for it. */
  @Test
  void shouldReadALargeFileOnce() throws IOException {
    Path file = Files.write(folder.resolve("large"), new byte[LARGE]);
    String hash = hash(file);
    List<String> lines = Files.readAllLines(entry());
    assertEquals(hash, lines.get(1));
    String planted = "0123456789abcdef".repeat(4);
    Files.write(entry(), List.of(lines.get(0), planted, lines.get(2)));
    assertEquals(planted, hash(file));
    TreeMap<String, Path> files = new TreeMap<>();
    files.put("it", file);
    assertEquals(hash, FileHashes.fresh(text -> {}).of(files).get("it"), "a proof reads it again");
  }

  @Test
  void shouldSeeAChangeOfTheSameSizeThoughTheTimeIsSetBack() throws IOException {
    Path file = Files.write(folder.resolve("large"), new byte[LARGE]);
    FileTime time = Files.getLastModifiedTime(file);
    String before = hash(file);
    byte[] bytes = new byte[LARGE];
    bytes[LARGE / 2] = 1;
    Files.write(file, bytes);
    Files.setLastModifiedTime(file, time);
    assertNotEquals(before, hash(file));
    Path other = Files.write(folder.resolve("other"), new byte[LARGE]);
    Files.setLastModifiedTime(other, time);
    Files.delete(file);
    Files.move(other, file);
    assertEquals(before, hash(file), "another file of this name, with the first content");
  }

  @Test
  void shouldMakeAgainWhatIsDamagedInTheCache() throws IOException {
    Path file = Files.write(folder.resolve("large"), new byte[LARGE]);
    String hash = hash(file);
    String whole = Files.readString(entry());
    for (String damaged : List.of("", "x", whole.substring(0, whole.length() / 2))) {
      Files.writeString(entry(), damaged);
      assertEquals(hash, hash(file));
      assertEquals(whole, Files.readString(entry()));
    }
  }

  @Test
  void shouldDoWithoutACacheThatCannotBeWritten() throws IOException {
    Path file = Files.write(folder.resolve("large"), new byte[LARGE]);
    Files.createFile(cache());
    assertEquals(hash(file), hash(file));
  }

  @Test
  void shouldNameAFileThatIsMissing() throws IOException {
    Path file = folder.resolve("none");
    NoSuchFileException gone = assertThrows(NoSuchFileException.class, () -> hash(file));
    assertEquals(file.toString(), gone.getFile());
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    assertTrue(
        assertThrows(IOException.class, () -> hash(link)).getMessage().contains(link.toString()));
  }
}
