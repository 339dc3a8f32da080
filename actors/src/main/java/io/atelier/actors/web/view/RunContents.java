package io.atelier.actors.web.view;

import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.FileMark;
import io.atelier.actors.web.index.LineIndex;
import io.atelier.actors.web.index.Range;
import io.atelier.actors.web.index.Thumbnails;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files and pictures of a run folder, for sending. Only files with known names, and pictures
 * that an index of the run names; a link in the folder is never followed.
 */
public final class RunContents {

  /** Files that are sent as they are, with their types. */
  static final Map<String, String> FILES =
      Map.ofEntries(
          Map.entry("metrics.jsonl", "application/x-ndjson; charset=utf-8"),
          Map.entry("evaluations.jsonl", "application/x-ndjson; charset=utf-8"),
          Map.entry("groups.jsonl", "application/x-ndjson; charset=utf-8"),
          Map.entry("shown.jsonl", "application/x-ndjson; charset=utf-8"),
          Map.entry("references.jsonl", "application/x-ndjson; charset=utf-8"),
          Map.entry("nodes.jsonl", "application/x-ndjson; charset=utf-8"),
          Map.entry("judgements.jsonl", "application/x-ndjson; charset=utf-8"),
          Map.entry(PeopleFiles.SAMPLES, "application/x-ndjson; charset=utf-8"),
          Map.entry("run.json", "application/json; charset=utf-8"),
          Map.entry("summary.json", "application/json; charset=utf-8"),
          Map.entry("trace.json", "application/json; charset=utf-8"),
          Map.entry("config.conf", "text/plain; charset=utf-8"),
          Map.entry("atelier.log", "text/plain; charset=utf-8"));

  /** Grids of evaluations, and of the highest and lowest rewards. */
  static final Pattern GRID = Pattern.compile("(highest-|lowest-)?step-([0-9]{6,9})\\.png");

  private static final Map<String, String> PICTURES =
      Map.of("png", "image/png", "jpg", "image/jpeg", "jpeg", "image/jpeg");

  private static final String KEPT = "pictures/";
  private static final String SHOWN = "images/";
  private static final String SAMPLES = "samples/";

  /** A relative path without parent folders or hidden files. */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");

  /** A picture named by its content, which never changes. */
  private static final Pattern BY_CONTENT =
      Pattern.compile("pictures/[0-9a-f]{2}/[0-9a-f]{16,}\\.\\w+");

  private static final long LARGEST_PICTURE = 64L << 20;

  private final Path folder;
  private final Thumbnails thumbnails;
  private final LineIndex pictures;
  private final LineIndex shown;
  private final LineIndex references;
  private final LineIndex samples;

  /**
   * @param folder its real path
   */
  public RunContents(Path folder, Thumbnails thumbnails) {
    this.folder = folder;
    this.thumbnails = thumbnails;
    this.pictures = new LineIndex(folder.resolve("pictures/index.jsonl"), LineIndex.Named.ONE);
    this.shown = new LineIndex(folder.resolve("shown.jsonl"), LineIndex.Named.ANY);
    this.references = new LineIndex(folder.resolve("references.jsonl"), LineIndex.Named.ANY);
    this.samples = new LineIndex(folder.resolve(PeopleFiles.SAMPLES), LineIndex.Named.ANY);
  }

  /** Returns the lines of the evaluations' images. */
  public LineIndex shown() {
    return shown;
  }

  /** Returns the lines of the references of the evaluations' prompts, which have no step. */
  public LineIndex references() {
    return references;
  }

  /**
   * Returns the bytes of a picture that an index names; empty if it no longer exists, or was never
   * named.
   *
   * @param name below the run folder
   * @throws IOException also if it is larger than a page shows
   */
  public Optional<byte[]> bytes(String name) throws IOException {
    Optional<Path> file =
        PICTURES.containsKey(ending(name)) && isNamed(name) ? plain(name) : Optional.empty();
    if (file.isEmpty()) {
      return Optional.empty();
    }
    long size = FileMark.of(file.get()).size();
    if (size > LARGEST_PICTURE) {
      throw new IOException(
          "%s has %d bytes; a page shows at most %d".formatted(name, size, LARGEST_PICTURE));
    }
    return Optional.of(Files.readAllBytes(file.get()));
  }

  /** Returns the extension of a picture's name. */
  public static String ending(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Returns the media type of a picture with this name. */
  public static String type(String name) {
    return PICTURES.get(ending(name));
  }

  /** Returns the lines of the pictures of training images that are or were kept. */
  LineIndex pictures() {
    return pictures;
  }

  /**
   * Answers with one of {@link #FILES}, or a part of it while it grows.
   *
   * @param range the request's header, or null
   * @param known tag of the browser's copy, or null
   */
  public Answer file(String name, String range, String known) throws IOException {
    Optional<Path> file = FILES.containsKey(name) ? plain(name) : Optional.empty();
    if (file.isEmpty()) {
      return Answer.text(404, "this run has no file %s".formatted(name));
    }
    FileMark mark = FileMark.of(file.get());
    if (range == null && mark.tag().equals(known)) {
      return headers(Answer.notModified(), mark);
    }
    Optional<Range> part = Range.of(range, mark.size());
    if (part.isEmpty() && mark.size() > 0) {
      return Answer.text(416, "%s has %d bytes".formatted(name, mark.size()))
          .with("Content-Range", "bytes */" + mark.size());
    }
    Range bytes = part.orElse(new Range(0, 0));
    Answer answer =
        new Answer(
            bytes.isWhole(mark.size()) ? 200 : 206,
            bytes.length(),
            out -> {
              try (InputStream in = Files.newInputStream(file.get())) {
                in.skipNBytes(bytes.from());
                byte[] chunk = new byte[1 << 16];
                for (long left = bytes.length(); left > 0; ) {
                  int count = in.read(chunk, 0, (int) Math.min(chunk.length, left));
                  if (count < 0) {
                    throw new IOException(name + " was cut off while it was sent");
                  }
                  out.write(chunk, 0, count);
                  left -= count;
                }
              }
            },
            new LinkedHashMap<>());
    if (answer.status() == 206) {
      answer.with("Content-Range", bytes.of(mark.size()));
    }
    return headers(answer.with("Content-Type", FILES.get(name)), mark);
  }

  private static Answer headers(Answer answer, FileMark mark) {
    return answer
        .with("ETag", mark.tag())
        .with("Accept-Ranges", "bytes")
        .with("Cache-Control", "no-cache");
  }

  /**
   * Answers with a picture.
   *
   * @param name below the run folder; only what an index names, or a grid
   * @param side most rows and columns of a small one; 0 for the picture itself
   */
  public Answer picture(String name, int side, String known) throws IOException {
    String type = type(name);
    Optional<Path> file = type == null || !isNamed(name) ? Optional.empty() : plain(name);
    if (file.isEmpty()) {
      return Answer.text(
          404,
          isNamed(name)
              ? "%s is no longer kept".formatted(name)
              : "no index of this run names a picture %s".formatted(name));
    }
    boolean immutable = BY_CONTENT.matcher(name).matches();
    FileMark mark = FileMark.of(file.get());
    String tag = immutable ? "\"%s\"".formatted(name) : mark.tag();
    String wanted = side == 0 ? tag : tag.substring(0, tag.length() - 1) + "-" + side + "\"";
    Answer answer =
        wanted.equals(known) ? Answer.notModified() : read(file.get(), mark, type, side);
    return answer
        .with("ETag", wanted)
        .with(
            "Cache-Control",
            immutable ? "private, max-age=31536000, immutable" : "private, no-cache");
  }

  private Answer read(Path file, FileMark mark, String type, int side) throws IOException {
    if (mark.size() > LARGEST_PICTURE) {
      return Answer.text(
          413,
          "%s has %d bytes; a page shows at most %d".formatted(file, mark.size(), LARGEST_PICTURE));
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) { // the run has deleted it in the meantime
      return Answer.text(404, "%s is no longer kept".formatted(file.getFileName()));
    }
    if (side == 0) {
      return Answer.bytes(200, type, bytes);
    }
    try {
      Optional<byte[]> small = thumbnails.of(bytes, side);
      return Answer.bytes(200, small.isPresent() ? "image/jpeg" : type, small.orElse(bytes));
    } catch (IOException e) {
      return Answer.text(
          422,
          "%s cannot be shown as a picture: %s".formatted(file.getFileName(), Storage.reason(e)));
    }
  }

  private boolean isNamed(String name) throws IOException {
    if (name.startsWith(KEPT)) {
      return pictures.names(name.substring(KEPT.length()));
    }
    if (!name.startsWith(SHOWN)) {
      return name.startsWith(SAMPLES) && samples.names(name);
    }
    String below = name.substring(SHOWN.length());
    return GRID.matcher(below).matches() || shown.names(below) || references.names(below);
  }

  /** Whether a picture that an index names still exists. */
  boolean isKept(String below) {
    try {
      return plain(KEPT + below).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns a file in the folder; empty if there is none, or its path has a link. */
  private Optional<Path> plain(String name) throws IOException {
    if (!PLAIN.matcher(name).matches()) {
      return Optional.empty();
    }
    Path file = folder.resolve(name);
    try {
      return FileMark.of(file).exists() && file.toRealPath().equals(file)
          ? Optional.of(file)
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
