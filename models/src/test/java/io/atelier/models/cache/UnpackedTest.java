package io.atelier.models.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedTest {

  @TempDir Path folder;

  private URL jar(String weights) throws IOException {
    Path jar = Files.createTempFile(folder, "models", ".jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : new String[] {"m/index.json", "m/vae/weights", "other/file"}) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(weights.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return URI.create("jar:" + jar.toUri() + "!/m/index.json").toURL();
  }

  @Test
  void shouldUnpackAJarOnceForEachContent() throws IOException {
    Path cache = folder.resolve("cache");
    URL first = jar("one");
    Path unpacked = Unpacked.folder(first, cache);
    assertEquals("one", Files.readString(unpacked.resolve("vae/weights")));
    assertEquals(unpacked, Unpacked.folder(first, cache));
    assertNotEquals(unpacked, Unpacked.folder(jar("two"), cache));
    try (Stream<Path> entries = Files.list(cache)) {
      assertEquals(2, entries.count(), "something was left behind");
    }
    try (Stream<Path> entries = Files.list(unpacked)) {
      assertEquals(2, entries.count(), "files of another folder were unpacked");
    }
  }

  @Test
  void shouldLeaveNothingBehindWhereAnotherProcessWasFaster() throws Exception {
    Path cache = folder.resolve("cache");
    int threads = 8;
    ExecutorService processes = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Path>> tasks = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        URL own = jar("one"); // a file system of a jar is open once in a JVM
        tasks.add(() -> Unpacked.folder(own, cache));
      }
      Set<Path> folders = new HashSet<>();
      for (Future<Path> task : processes.invokeAll(tasks)) {
        folders.add(task.get());
      }
      assertEquals(1, folders.size());
    } finally {
      processes.shutdown();
    }
    try (Stream<Path> entries = Files.list(cache)) {
      assertEquals(1, entries.count(), "something was left behind");
    }
  }

  @Test
  void shouldUseAFolderWhereItIs() throws IOException {
    Path file = Files.writeString(folder.resolve("index.json"), "{}");
    assertEquals(folder, Unpacked.folder(file.toUri().toURL(), folder.resolve("cache")));
  }

  @Test
  void shouldSayWhatToDoWhereTheCacheCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    URL jar = jar("one");
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> Unpacked.folder(jar, file));
    assertTrue(e.getMessage().contains("XDG_CACHE_HOME"), e.getMessage());
  }
}
