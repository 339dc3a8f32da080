package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceCacheTest {

  private static final Images BLACK = new Images(2, 1, 1, new byte[6]);
  private static final Images WHITE = new Images(2, 1, 1, new byte[] {-1, -1, -1, -1, -1, -1});

  @TempDir private Path folder;
  private int made;

  @Test
  void shouldMakeFeaturesOnceForTheSameImagesAndWay() {
    ReferenceCache cache = new ReferenceCache(folder.resolve("new"), "program");
    Features first = cache.features("way", BLACK, this::make);
    Features again = cache.features("way", BLACK, this::make);
    assertEquals(1, made);
    assertArrayEquals(first.pool().values(), again.pool().values());
    assertArrayEquals(first.mid().values(), again.mid().values());
    assertEquals(2, again.mid().rows());
    cache.features("another way", BLACK, this::make);
    cache.features("way", WHITE, this::make);
    assertEquals(3, made);
  }

  @Test
  void shouldMakeWithAnotherProgramWhatItMayMakeInAnotherWay() {
    new ReferenceCache(folder, "program").features("way", BLACK, this::make);
    new ReferenceCache(folder, "program").features("way", BLACK, this::make);
    assertEquals(1, made);
    new ReferenceCache(folder, "newer program").features("way", BLACK, this::make);
    assertEquals(2, made);
    new ReferenceCache(folder, "program").images("way", BLACK, () -> BLACK);
    Images other = new ReferenceCache(folder, "newer program").images("way", BLACK, () -> WHITE);
    assertArrayEquals(WHITE.rgb(), other.rgb());
  }

  @Test
  void shouldMakeFeaturesAgainWhenTheFileIsDamaged() throws IOException {
    ReferenceCache cache = new ReferenceCache(folder, "program");
    cache.features("way", BLACK, this::make);
    Path file = onlyFile();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertEquals(1, cache.features("way", BLACK, this::make).pool().values()[0]);
    assertEquals(2, made);
    cache.features("way", BLACK, this::make);
    assertEquals(2, made, "the damaged file was replaced");
  }

  @Test
  void shouldDoWithoutAFolderThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    ReferenceCache cache = new ReferenceCache(file.resolve("below"), "program");
    assertEquals(1, cache.features("way", BLACK, this::make).pool().values()[0]);
    assertEquals(1, cache.features("way", BLACK, this::make).pool().values()[0]);
    assertEquals(2, made);
    assertArrayEquals(WHITE.rgb(), cache.images("way", BLACK, () -> invert(BLACK)).rgb());
    assertEquals(3, made);
  }

  @Test
  void shouldMakeOnceWhatTwoWorkersAskForAtOnce() throws InterruptedException {
    ReferenceCache cache = new ReferenceCache(folder, "1");
    Thread[] other = {
      new Thread(() -> cache.images("way", BLACK, () -> invert(BLACK))),
      new Thread(() -> cache.features("way", BLACK, this::make))
    };
    cache.images("way", BLACK, () -> startAndWait(other[0], () -> invert(BLACK)));
    cache.features("way", BLACK, () -> startAndWait(other[1], this::make));
    other[0].join();
    other[1].join();
    assertEquals(2, made, "one set of images and one of features");
  }

  /** Starts a thread, and makes something once that has ended or waits. */
  private static <T> T startAndWait(Thread other, Supplier<T> maker) {
    other.start();
    while (other.getState() != Thread.State.BLOCKED && other.isAlive()) {
      Thread.onSpinWait();
    }
    return maker.get();
  }

  private Images invert(Images images) {
    made++;
    byte[] rgb = images.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) ~rgb[i];
    }
    return new Images(images.count(), images.height(), images.width(), rgb);
  }

  @Test
  void shouldMakeImagesOnceForTheSameImagesAndWay() {
    ReferenceCache cache = new ReferenceCache(folder, "program");
    assertArrayEquals(WHITE.rgb(), cache.images("way", BLACK, () -> invert(BLACK)).rgb());
    Images again = cache.images("way", BLACK, () -> invert(BLACK));
    assertEquals(1, made);
    assertArrayEquals(WHITE.rgb(), again.rgb());
    assertEquals(2, again.count());
    cache.images("another way", BLACK, () -> invert(BLACK));
    assertArrayEquals(BLACK.rgb(), cache.images("way", WHITE, () -> invert(WHITE)).rgb());
    assertEquals(3, made);
  }

  @Test
  void shouldMakeImagesAgainWhenTheFileIsDamagedOrCut() throws IOException {
    ReferenceCache cache = new ReferenceCache(folder, "program");
    cache.images("way", BLACK, () -> invert(BLACK));
    Path file = onlyFile();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertArrayEquals(WHITE.rgb(), cache.images("way", BLACK, () -> invert(BLACK)).rgb());
    assertEquals(2, made);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 33));
    assertArrayEquals(WHITE.rgb(), cache.images("way", BLACK, () -> invert(BLACK)).rgb());
    assertEquals(3, made);
    cache.images("way", BLACK, () -> invert(BLACK));
    assertEquals(3, made, "the damaged file was replaced");
    assertEquals(file, onlyFile());
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      assertEquals(1, all.size(), all::toString);
      return all.get(0);
    }
  }

  private Features make() {
    made++;
    return new Features(
        new FeatureMatrix(2, 1, new float[] {1, 2}),
        new FeatureMatrix(2, 2, new float[] {3, 4, 5, 6}));
  }
}
