package io.atelier.tests.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.PromptEncoder;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.sampler.PooledTexts;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.models.PipelineCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PooledTextsTest {

  @TempDir private Path cache;

  private final PipelineFolder model = new PipelineFolder(Golden.path("sd3-tiny"));

  private PooledTexts texts() {
    return new PooledTexts(model, 128, cache);
  }

  /** The vector that goes into the velocity network. */
  private float[] whole(String text) {
    Torch.enter(false);
    try (NDManager scope = Torch.newScope();
        PromptEncoder encoder = model.loadPromptEncoder(scope)) {
      return Host.floats(encoder.encode(scope, List.of(text), 128).pooled());
    }
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("pooled"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void shouldPointWhereTheModelsOwnVectorDoes() {
    PooledTexts texts = texts();
    for (String text : List.of("a red fox", "two cats on a mat")) {
      float[] vector = texts.of(text);
      assertEquals(texts.width(), vector.length);
      float[] whole = whole(text);
      double length = 0;
      for (float value : whole) {
        length += (double) value * value;
      }
      for (int i = 0; i < whole.length; i++) {
        assertEquals(whole[i] / Math.sqrt(length), vector[i], 1e-6);
      }
    }
  }

  @Test
  void shouldEncodeATextOnceAndKeepItOnDisk() throws IOException {
    PooledTexts texts = texts();
    texts.prepare(List.of("a", "b", "a"));
    float[] a = texts.of("a");
    assertSame(a, texts.of("a"));
    assertEquals(2, entries().size());
    List<Path> before = entries();
    // Another process would find them; what is there is not made again.
    Files.copy(before.get(0), cache.resolve("copy"));
    byte[] first = Files.readAllBytes(before.get(0));
    byte[] second = Files.readAllBytes(before.get(1));
    Files.write(before.get(0), second);
    Files.write(before.get(1), first);
    assertArrayEquals(texts.of("b"), texts().of("a"), "of the files that were exchanged");
    Files.write(before.get(0), new byte[] {1, 2, 3});
    Files.write(before.get(1), new byte[] {1, 2, 3});
    assertArrayEquals(a, texts().of("a"), "made again");
    assertTrue(Files.size(entries().get(0)) > 3 || Files.size(entries().get(1)) > 3);
  }

  @Test
  void shouldNeedNoT5() throws IOException {
    Path copy = PipelineCopy.of("sd3-tiny", cache.resolve("model")).root();
    PipelineFolder folder = new PipelineFolder(copy);
    float[] expected = texts().of("a red fox");
    PooledTexts texts = new PooledTexts(folder, 128, cache.resolve("other"));
    texts.of("before"); // hashes are made
    try (Stream<Path> files = Files.list(copy.resolve("text_encoder_3"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        Files.delete(file);
      }
    }
    assertArrayEquals(expected, texts.of("a red fox"));
  }
}
