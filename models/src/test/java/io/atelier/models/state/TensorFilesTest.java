package io.atelier.models.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorFilesTest {

  @TempDir Path folder;

  private final NamedTensors tensors =
      new NamedTensors(
          Map.of(
              "b", new NamedTensors.Tensor(new long[] {2, 2}, new float[] {1, -0f, Float.NaN, 4}),
              "a", new NamedTensors.Tensor(new long[0], new float[] {7})));

  @Test
  void shouldLoadTheBitsThatWereSaved() {
    Path file = folder.resolve("state.safetensors");
    TensorFiles.save(file, tensors, Map.of("step", "41"));
    NamedTensors loaded = TensorFiles.load(file);
    assertEquals(tensors.contentHash(), loaded.contentHash());
    assertArrayEquals(new long[] {2, 2}, loaded.get("b").shape());
    assertArrayEquals(new float[] {7}, loaded.get("a").values());
    assertEquals("41", SafetensorsFile.open(file).metadata().get("step"));
  }

  @Test
  void shouldRefuseAFileWhoseContentChanged() throws IOException {
    Path file = folder.resolve("state.safetensors");
    TensorFiles.save(file, tensors, Map.of());
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    String message =
        assertThrows(SafetensorsException.class, () -> TensorFiles.load(file)).getMessage();
    assertTrue(message.contains(file.toString()) && message.contains(tensors.contentHash()));
  }

  @Test
  void shouldLoadAFileThatHasNoHash() {
    Path file = folder.resolve("plain.safetensors");
    new SafetensorsWriter().add("w", new long[] {1}, new float[] {3}).write(file);
    assertArrayEquals(new float[] {3}, TensorFiles.load(file).get("w").values());
  }
}
