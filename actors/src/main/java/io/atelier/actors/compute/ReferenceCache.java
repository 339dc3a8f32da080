package io.atelier.actors.compute;

import io.atelier.actors.identity.Version;
import io.atelier.models.cache.CacheEntries;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.Sha256;
import io.atelier.models.files.WholeFile;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.TensorFiles;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut.Features;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is made of reference images by networks that do not change, kept in files since it takes
 * minutes: the images as an autoencoder leaves them, and features. A file that cannot be read is
 * made again, and one that cannot be written is not missed; both are logged. Of several workers
 * that ask at once one makes it, and the others wait.
 *
 * @param folder where the files lie
 * @param program which program makes them: another one may compute in another way
 */
record ReferenceCache(Path folder, String program) {

  private static final Logger LOG = LoggerFactory.getLogger(ReferenceCache.class);
  private static final int HASH_BYTES = 32;

  private static final String ENDING = ".rgb";

  /** Of single images: some five thousand of 1024 x 1024 pixels. */
  private static final long KEPT_BYTES = 16L << 30;

  /** So many are made between two looks at how many there are. */
  private static final int LOOK_EVERY = 256;

  private static final AtomicLong MADE = new AtomicLong();

  /** What a worker holds while it makes a file. */
  private static final Map<Path, Object> MAKING = new ConcurrentHashMap<>();

  /** The user's, for what this program makes. */
  static ReferenceCache ofUser() {
    return new ReferenceCache(CacheFolder.get(), Version.of("networks"));
  }

  /**
   * The features of {@code images}, made by {@code maker} unless a file has them.
   *
   * @param way names all else that the features depend on
   */
  Features features(String way, ImageSource images, Supplier<Features> maker) {
    Path file = folder.resolve("features-" + digest(way, images) + ".safetensors");
    synchronized (MAKING.computeIfAbsent(file, key -> new Object())) {
      return features(file, maker);
    }
  }

  private static Features features(Path file, Supplier<Features> maker) {
    if (Files.exists(file)) {
      try {
        NamedTensors saved = TensorFiles.load(file);
        return new Features(matrix(saved.get("pool")), matrix(saved.get("mid")));
      } catch (SafetensorsException | IllegalArgumentException e) {
        LOG.warn("{} is made again: {}", file, e.getMessage());
      }
    }
    Features made = maker.get();
    try {
      Files.createDirectories(file.getParent());
      TensorFiles.save(
          file,
          new NamedTensors(Map.of("pool", tensor(made.pool()), "mid", tensor(made.mid()))),
          Map.of());
    } catch (IOException | SafetensorsException e) {
      LOG.warn("{} cannot be kept, so the next run makes it again: {}", file, e.toString());
    }
    return made;
  }

  /**
   * What is to be said of {@code images}, which {@code maker} finds out unless a file has it.
   *
   * @param way names all else that it depends on
   */
  List<String> notes(String way, ImageSource images, Supplier<List<String>> maker) {
    Path file = folder.resolve("notes-" + digest(way, images) + ".txt");
    synchronized (MAKING.computeIfAbsent(file, key -> new Object())) {
      if (Files.exists(file)) {
        try {
          return new String(readAll(file), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
          LOG.warn("{} is made again: {}", file, e.getMessage());
        }
      }
      List<String> made = maker.get();
      keep(file, String.join("\n", made).getBytes(StandardCharsets.UTF_8));
      return made;
    }
  }

  /**
   * The images that {@code maker} makes of {@code images}, of the same number and size, unless a
   * file has them.
   *
   * @param way names all else that they depend on
   */
  Images images(String way, Images images, Supplier<Images> maker) {
    Path file = folder.resolve("images-" + digest(way, images) + ENDING);
    synchronized (MAKING.computeIfAbsent(file, key -> new Object())) {
      return images(file, images, maker);
    }
  }

  /**
   * The same for one image of a set that may be larger than memory. There is room for {@link
   * #KEPT_BYTES} of them; those made first are deleted. Two workers may make the same at once.
   */
  Images image(String way, Images image, Supplier<Images> maker) {
    Path single = folder.resolve("passed");
    Path file = single.resolve(digest(way, image) + ENDING);
    boolean there = Files.exists(file);
    Images passed = images(file, image, maker);
    if (!there && MADE.incrementAndGet() % LOOK_EVERY == 0) {
      try {
        CacheEntries.evict(single, ENDING, KEPT_BYTES, List.of(file));
      } catch (IOException e) {
        LOG.warn("{} cannot be kept small: {}", single, e.toString());
      }
    }
    return passed;
  }

  private static Images images(Path file, Images images, Supplier<Images> maker) {
    if (Files.exists(file)) {
      try {
        return new Images(
            images.count(), images.height(), images.width(), read(file, images.rgb().length));
      } catch (IOException e) {
        LOG.warn("{} is made again: {}", file, e.getMessage());
      }
    }
    Images made = maker.get();
    keep(file, made.rgb());
    return made;
  }

  private static void keep(Path file, byte[] bytes) {
    try {
      WholeFile.write(file, Sha256.digest().digest(bytes), bytes);
    } catch (IOException e) {
      LOG.warn("{} cannot be kept, so the next run makes it again: {}", file, e.toString());
    }
  }

  /** Bytes, and before them their hash. */
  private static byte[] read(Path file, int length) throws IOException {
    long whole = HASH_BYTES + (long) length;
    if (Files.size(file) != whole) {
      throw new IOException("it has %d bytes, not %d".formatted(Files.size(file), whole));
    }
    return readAll(file);
  }

  private static byte[] readAll(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] hash = in.readNBytes(HASH_BYTES);
      byte[] bytes = in.readAllBytes();
      if (!Arrays.equals(hash, Sha256.digest().digest(bytes))) {
        throw new IOException("it is damaged: its content does not have its hash");
      }
      return bytes;
    }
  }

  private String digest(String way, ImageSource images) {
    MessageDigest digest = Sha256.digest();
    digest.update((program + "\n").getBytes(StandardCharsets.UTF_8));
    digest.update(way.getBytes(StandardCharsets.UTF_8));
    images.identify(digest);
    return HexFormat.of().formatHex(digest.digest(), 0, 12);
  }

  private static NamedTensors.Tensor tensor(FeatureMatrix m) {
    return new NamedTensors.Tensor(new long[] {m.rows(), m.width()}, m.values());
  }

  private static FeatureMatrix matrix(NamedTensors.Tensor t) {
    if (t.shape().length != 2) {
      throw new IllegalArgumentException("a matrix was expected, of 2 dimensions");
    }
    return new FeatureMatrix((int) t.shape()[0], (int) t.shape()[1], t.values());
  }
}
