package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {

  private static final Images BLACK = new Images(2, 1, 1, new byte[6]);
  private static final Images WHITE = new Images(2, 1, 1, new byte[] {-1, -1, -1, -1, -1, -1});

  @TempDir private Path folder;
  private int made;

  @Test
  void shouldMakeFeaturesOnceForTheSameImagesAndWay() {
    FeatureCache cache = new FeatureCache(folder.resolve("new"));
    Features first = cache.get("way", BLACK, this::make);
    Features again = cache.get("way", BLACK, this::make);
    assertEquals(1, made);
    assertArrayEquals(first.pool().values(), again.pool().values());
    assertArrayEquals(first.mid().values(), again.mid().values());
    assertEquals(2, again.mid().rows());
    cache.get("another way", BLACK, this::make);
    cache.get("way", WHITE, this::make);
    assertEquals(3, made);
  }

  @Test
  void shouldMakeFeaturesAgainWhenTheFileIsDamaged() throws IOException {
    FeatureCache cache = new FeatureCache(folder);
    cache.get("way", BLACK, this::make);
    try (Stream<Path> files = Files.list(folder)) {
      Path file = files.findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 1] ^= 1;
      Files.write(file, bytes);
    }
    assertEquals(1, cache.get("way", BLACK, this::make).pool().values()[0]);
    assertEquals(2, made);
    cache.get("way", BLACK, this::make);
    assertEquals(2, made, "the damaged file was replaced");
  }

  @Test
  void shouldDoWithoutAFolderThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    FeatureCache cache = new FeatureCache(file.resolve("below"));
    assertEquals(1, cache.get("way", BLACK, this::make).pool().values()[0]);
    assertEquals(1, cache.get("way", BLACK, this::make).pool().values()[0]);
    assertEquals(2, made);
  }

  private Features make() {
    made++;
    return new Features(
        new FeatureMatrix(2, 1, new float[] {1, 2}),
        new FeatureMatrix(2, 2, new float[] {3, 4, 5, 6}));
  }
}
