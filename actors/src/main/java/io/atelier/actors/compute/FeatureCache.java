package io.atelier.actors.compute;

import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.TensorFiles;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut.Features;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Features of reference images, kept in files: they depend on the images, the autoencoder and the
 * encoder alone, and take minutes. A file that cannot be read is made again, and one that cannot be
 * written is not missed; both are logged.
 *
 * @param folder where the files lie
 */
record FeatureCache(Path folder) {

  private static final Logger LOG = LoggerFactory.getLogger(FeatureCache.class);

  /**
   * The features of {@code images}, made by {@code maker} unless a file has them.
   *
   * @param way names all else that the features depend on
   */
  Features get(String way, Images images, Supplier<Features> maker) {
    Path file = folder.resolve("features-" + digest(way, images) + ".safetensors");
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
      Files.createDirectories(folder);
      TensorFiles.save(
          file,
          new NamedTensors(Map.of("pool", tensor(made.pool()), "mid", tensor(made.mid()))),
          Map.of());
    } catch (IOException | SafetensorsException e) {
      LOG.warn("{} cannot be kept, so the next run makes it again: {}", file, e.toString());
    }
    return made;
  }

  private static String digest(String way, Images images) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(way.getBytes(StandardCharsets.UTF_8));
      digest.update(images.rgb());
      return HexFormat.of().formatHex(digest.digest(), 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
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
