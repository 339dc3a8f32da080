package io.atelier.actors.compute;

import io.atelier.actors.run.file.Storage;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.FileHashes;
import io.atelier.models.files.LongWork;
import io.atelier.models.files.Named;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.ImageFile;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Resize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reference images in files, read when they are asked for, cut to the middle and brought to one
 * size. All are read once before a run begins, so that what cannot be read is named then.
 */
final class ImageFiles implements ImageSource {

  private static final Logger LOG = LoggerFactory.getLogger(ImageFiles.class);

  /** Files with something to be said of that are named; more are counted. */
  private static final int NAMED = 5;

  /** From so many files on it takes long enough to be told of. */
  private static final int MANY = 500;

  private final List<Path> files;
  private final int height;
  private final int width;

  /**
   * @param files at least one; one may come up more than once
   * @param height rows of the images, in pixels
   * @param width columns of the images, in pixels
   */
  ImageFiles(List<Path> files, int height, int width) {
    this.files = List.copyOf(files);
    this.height = height;
    this.width = width;
  }

  @Override
  public int count() {
    return files.size();
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public Images get(int index) {
    Path file = files.get(index);
    return fitted(file, read(file).image());
  }

  @Override
  public void identify(MessageDigest digest) {
    String size = "%d files at %d x %d\n".formatted(files.size(), height, width);
    digest.update(size.getBytes(StandardCharsets.UTF_8));
    SortedMap<String, Path> names = new TreeMap<>();
    files.forEach(file -> names.put(file.toString(), file));
    try {
      Map<String, String> hashes =
          FileHashes.cached(CacheFolder.get(), line -> LOG.info(LongWork.SHOWN, line))
              .on(Stream::parallel)
              .of(names);
      for (Path file : files) {
        digest.update(hashes.get(file.toString()).getBytes(StandardCharsets.UTF_8));
      }
    } catch (FileSystemException e) {
      throw unreadable(e.getFile(), Storage.reason(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException("data.references: " + e.getMessage(), e);
    }
  }

  /**
   * Reads every file once, unless that was done before, and logs what is to be said of them.
   *
   * @throws IllegalArgumentException that names the file that cannot be read
   */
  ImageFiles checked(ReferenceCache cache) {
    try {
      Images.bytes(1, height, width);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("data.references: " + e.getMessage(), e);
    }
    String way = "pictures as they are read, which notes call " + files; // by where they lie now
    for (String note : cache.notes(way, this, this::notes)) {
      LOG.warn("data.references: {}", note);
    }
    return this;
  }

  /** What is to be said of the files; each is read, by all cores. */
  private List<String> notes() {
    if (files.size() >= MANY) {
      LOG.info(
          LongWork.SHOWN,
          "data.references: reading {} images to see that all can be read",
          files.size());
    }
    IntConsumer done =
        files.size() >= MANY
            ? LongWork.tenths(LOG, files.size(), "data.references: {} of {} images are read")
            : more -> {};
    List<Seen> seen =
        IntStream.range(0, files.size())
            .parallel()
            .mapToObj(
                i -> {
                  Seen one = seen(files.get(i));
                  done.accept(1);
                  return one;
                })
            .toList();
    List<String> problems = seen.stream().flatMap(one -> one.problem().stream()).toList();
    if (!problems.isEmpty()) {
      String others =
          problems.size() > 1 ? "; and %d more like it".formatted(problems.size() - 1) : "";
      throw new IllegalArgumentException(problems.get(0) + others);
    }
    List<String> notes = new ArrayList<>();
    for (int i = 0; i < seen.size(); i++) {
      for (String note : seen.get(i).notes()) {
        notes.add("image %s: %s".formatted(files.get(i), note));
      }
    }
    sized(seen, s -> s.isSmaller(height, width), "smaller than")
        .ifPresent(what -> notes.add(what + " and are enlarged, which leaves them blurred"));
    sized(seen, s -> !s.isSmaller(height, width) && s.isCut(height, width), "of another shape than")
        .ifPresent(what -> notes.add(what + " and are cut to the middle"));
    sized(seen, s -> s.isLarger(height, width) && !s.isCut(height, width), "larger than")
        .ifPresent(what -> notes.add(what + " and are made smaller"));
    return notes;
  }

  /** Which and how many of the files are of a kind, if any are. */
  private Optional<String> sized(List<Seen> seen, Predicate<Seen> kind, String how) {
    List<String> those =
        IntStream.range(0, seen.size())
            .filter(i -> kind.test(seen.get(i)))
            .mapToObj(
                i -> "%s (%d x %d)".formatted(files.get(i), seen.get(i).width, seen.get(i).height))
            .toList();
    return those.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%d of %d images are %s the rollout's %d x %d pixels: %s"
                .formatted(
                    those.size(), seen.size(), how, width, height, Named.some(those, NAMED)));
  }

  /** What a file turned out to be; a size of 0 where it cannot be read. */
  private record Seen(int height, int width, List<String> notes, Optional<String> problem) {

    boolean isSmaller(int rows, int columns) {
      return height < rows || width < columns;
    }

    boolean isLarger(int rows, int columns) {
      return height > rows && width > columns;
    }

    /** Whether more is cut off than rounding leaves over. */
    boolean isCut(int rows, int columns) {
      double scale = Math.max((double) rows / height, (double) columns / width);
      return Math.round(scale * height) > rows || Math.round(scale * width) > columns;
    }
  }

  private Seen seen(Path file) {
    try {
      ImageFile read = read(file);
      requireFits(file, read.image());
      return new Seen(read.image().height(), read.image().width(), read.notes(), Optional.empty());
    } catch (IllegalArgumentException e) { // of several threads the first file is to be named
      return new Seen(0, 0, List.of(), Optional.of(e.getMessage()));
    }
  }

  private static ImageFile read(Path file) {
    try {
      return ImageFile.read(file);
    } catch (IOException e) {
      throw unreadable(file.toString(), e.getMessage(), e);
    }
  }

  private static IllegalArgumentException unreadable(String file, String reason, IOException e) {
    return new IllegalArgumentException(
        "data.references: image %s cannot be read (%s); convert it to PNG, replace or remove it"
            .formatted(file, reason),
        e);
  }

  /** (rows, columns) of an image that is scaled until it covers the size. */
  private long[] scaled(Images image) {
    double scale = Math.max((double) height / image.height(), (double) width / image.width());
    long rows = Math.max(height, Math.round(scale * image.height()));
    long columns = Math.max(width, Math.round(scale * image.width()));
    return new long[] {rows, columns};
  }

  private void requireFits(Path file, Images image) {
    long[] scaled = scaled(image);
    if (scaled[0] * scaled[1] > ImageFile.LARGEST_PIXELS) {
      throw new IllegalArgumentException(
          "data.references: image %s has %d x %d pixels; to cover %d x %d it would be enlarged to %d x %d; cut it first or remove it"
              .formatted(file, image.width(), image.height(), width, height, scaled[1], scaled[0]));
    }
  }

  private Images fitted(Path file, Images image) {
    requireFits(file, image);
    long[] scaled = scaled(image);
    return Resize.centreCrop(
        Resize.pillow(image, (int) scaled[0], (int) scaled[1], Filter.BICUBIC), height, width);
  }
}
