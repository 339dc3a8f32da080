package io.atelier.actors.people;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Files in a run folder that people write by the page, and nothing of the run reads: lines are only
 * added, each by one write, so that two pages may serve one folder. A link in the place of one of
 * them is not followed.
 */
public final class PeopleFiles {

  /** Lines of {@link Label}. */
  public static final String LABELS = "labels.jsonl";

  /** Lines of {@link Vote}. */
  public static final String PREFERENCES = "preferences.jsonl";

  /** Lines of {@link Sample}. */
  public static final String SAMPLES = "samples.jsonl";

  /**
   * Copies of the pictures that labels and votes are about: what a run keeps for a while stays
   * here.
   */
  static final String COPIES = "labels";

  private static final long LARGEST = 64L << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private PeopleFiles() {}

  /**
   * Makes the folder of the next sample; nobody else gets the same one.
   *
   * @return its name, below the run folder
   * @throws WriteFailedException if it cannot
   */
  public static String sampleFolder(Path run) {
    Path all = run.resolve("samples");
    try {
      Files.createDirectories(all);
      requireNoLink(run, "samples");
      for (int number = 1; ; number++) {
        String name = "samples/%04d".formatted(number);
        try {
          Files.createDirectory(run.resolve(name));
          return name;
        } catch (FileAlreadyExistsException e) {
          // an earlier one, or one that somebody else draws at the moment
        }
      }
    } catch (IOException e) {
      throw new WriteFailedException(all, e);
    }
  }

  /**
   * Adds a line to a file of the folder.
   *
   * @throws WriteFailedException if it cannot
   */
  public static void append(Path run, String name, Record line) {
    Path file = run.resolve(name);
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND,
            LinkOption.NOFOLLOW_LINKS)) {
      Durable.append(
          out, StandardCharsets.UTF_8.encode(JSON.writeValueAsString(line) + "\n"), file);
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  /**
   * Copies a picture, unless the copy is there.
   *
   * @param ending of the file's name, such as {@code png}
   * @return the copy, below the folder
   * @throws WriteFailedException if it cannot
   */
  public static synchronized String keep(Path run, byte[] picture, String ending) {
    String name = "%s/%s.%s".formatted(COPIES, Sha256.of(picture), ending);
    Path file = run.resolve(name);
    try {
      Files.createDirectories(file.getParent());
      requireNoLink(run, COPIES);
      if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        Path part =
            file.resolveSibling(
                ".%s.%d.part".formatted(file.getFileName(), ProcessHandle.current().pid()));
        try {
          Files.write(part, picture, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(part);
        }
      }
      return name;
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  private static void requireNoLink(Path run, String folder) throws IOException {
    if (!run.resolve(folder).toRealPath().equals(run.toRealPath().resolve(folder))) {
      throw new IOException(folder + " is a link; put a folder in its place");
    }
  }

  /** The labels of a file; none if there is no such file. */
  public static List<Label> labels(Path file) {
    return read(file, Label.class);
  }

  /** The votes of a file; none if there is no such file. */
  public static List<Vote> votes(Path file) {
    return read(file, Vote.class);
  }

  /**
   * @throws RunFolderException naming the line that is none, or why the file cannot be read
   */
  private static <T> List<T> read(Path file, Class<T> type) {
    List<T> lines = new ArrayList<>();
    if (Files.notExists(file)) {
      return lines;
    }
    String text = Storage.read(file, () -> text(file));
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      try {
        T value = JSON.readValue(line, type);
        if (value == null) {
          throw damaged(file, number, "it says null", null);
        }
        lines.add(value);
      } catch (JsonProcessingException e) {
        throw damaged(file, number, e.getOriginalMessage(), e);
      }
    }
    return lines;
  }

  private static RunFolderException damaged(
      Path file, int number, String why, JsonProcessingException cause) {
    return new RunFolderException(
        "%s, line %d is damaged: %s; mend or remove that line".formatted(file, number, why), cause);
  }

  private static String text(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new RunFolderException(
          "%s has %d bytes, more than the %d that are read"
              .formatted(file, Files.size(file), LARGEST));
    }
    return Files.readString(file);
  }
}
