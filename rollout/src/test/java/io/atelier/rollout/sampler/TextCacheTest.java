package io.atelier.rollout.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.sampler.TextFeatures.Encoded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextCacheTest {

  private static final long NO_LIMIT = 1 << 20;

  @TempDir Path folder;
  private final List<String> encoded = new ArrayList<>();
  private int loads;
  private int closed;
  private float factor = 1;
  private NDManager scope;

  @BeforeEach
  void open() {
    Torch.enter(false);
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
    assertEquals(loads, closed, "encoders that were loaded but not freed");
  }

  private TextFeatures load() {
    loads++;
    return new TextFeatures() {
      @Override
      public Encoded encode(NDManager into, String text) {
        encoded.add(text);
        float[] values = {text.length() * factor, 1 / 3f, -2, 0};
        return new Encoded(
            Host.toNative(into, values, 1, 2, 2), Host.toNative(into, new float[] {0.1f}, 1, 1));
      }

      @Override
      public void close() {
        closed++;
      }
    };
  }

  private TextCache cache(String made, DType type, long limit) {
    return new TextCache(folder.resolve("text"), made, type, limit, this::load);
  }

  private float[] context(TextCache cache, String text) {
    Encoded features = cache.encode(scope, text);
    assertArrayEquals(new long[] {1, 2, 2}, features.context().getShape().getShape());
    assertArrayEquals(new long[] {1, 1}, features.pooled().getShape().getShape());
    return Host.floats(features.context());
  }

  @ParameterizedTest
  @CsvSource({"F32, 0.33333334", "F16, 0.33325195", "BF16, 0.33398438"})
  void shouldGiveTheSameWhetherMadeOrKept(DType type, float third) {
    TextCache cache = cache("a", type, NO_LIMIT);
    float[] made = context(cache, "four");
    assertArrayEquals(new float[] {4, third, -2, 0}, made);
    assertArrayEquals(made, context(cache, "four"));
    assertArrayEquals(made, context(cache("a", type, NO_LIMIT), "four"));
    assertEquals(List.of("four"), encoded);
  }

  @Test
  void shouldLoadOnceForAllThatIsMissing() {
    TextCache cache = cache("a", DType.F32, NO_LIMIT);
    context(cache, "one");
    cache.prepare(List.of("", "one", "two", "three", "two"));
    cache.prepare(List.of("", "three"));
    context(cache, "two");
    assertEquals(List.of("one", "", "two", "three"), encoded);
    assertEquals(2, loads);
  }

  @Test
  void shouldNotMixWhatDifferentEncodersMade() {
    context(cache("a 77", DType.F32, NO_LIMIT), "fox");
    factor = 2;
    assertEquals(6, context(cache("a 128", DType.F32, NO_LIMIT), "fox")[0]);
    assertEquals(3, context(cache("a 77", DType.F32, NO_LIMIT), "fox")[0]);
  }

  @Test
  void shouldMakeADamagedEntryAgain() throws IOException {
    TextCache cache = cache("a", DType.F32, NO_LIMIT);
    float[] whole = context(cache, "fox");
    Path entry = entries().get(0);
    Files.write(entry, new byte[] {1, 2, 3});
    assertArrayEquals(whole, context(cache, "fox"));
    assertEquals(2, loads);
    assertTrue(Files.size(entry) > 3);
  }

  @Test
  void shouldSayWhatToDoWhereNothingCanBeKept() throws IOException {
    TextCache cache = cache("a", DType.F32, NO_LIMIT);
    context(cache, "fox");
    Path entry = entries().get(0);
    Files.delete(entry);
    Files.createDirectory(entry);
    String said =
        assertThrows(SafetensorsException.class, () -> context(cache, "fox")).getMessage();
    assertTrue(said.startsWith(entry + " cannot be written: "), said);
    assertTrue(said.contains("set XDG_CACHE_HOME"), said);
  }

  @Test
  void shouldDeleteTheOldestWhenThereIsTooMuch() throws IOException {
    TextCache large = cache("a", DType.F32, NO_LIMIT);
    context(large, "old");
    Path old = entries().get(0);
    Files.setLastModifiedTime(old, FileTime.fromMillis(1_000));
    context(large, "newer");
    long size = Files.size(old);
    cache("a", DType.F32, 2 * size).prepare(List.of("newest"));
    assertEquals(2, entries().size());
    assertTrue(Files.notExists(old));
    // what was just asked for stays, were it too much
    cache("a", DType.F32, 1).prepare(List.of("x", "y", "z"));
    assertEquals(3, entries().size());
  }

  @Test
  void shouldRefuseWhatNoHalfCanHold() {
    factor = 1e6f;
    SafetensorsException e =
        assertThrows(
            SafetensorsException.class, () -> context(cache("a", DType.F16, NO_LIMIT), "fox"));
    assertTrue(e.getMessage().contains("3000000.0"), e.getMessage());
  }

  @Test
  void shouldKeepNothingThatIsNotFinite() throws IOException {
    factor = Float.POSITIVE_INFINITY;
    for (DType type : List.of(DType.F32, DType.F16, DType.BF16)) {
      assertThrows(ArithmeticException.class, () -> context(cache("a", type, NO_LIMIT), "fox"));
    }
    assertEquals(List.of(), entries());
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("text"))) {
      return files.sorted().toList();
    }
  }
}
