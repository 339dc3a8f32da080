package io.atelier.actors.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.DeviceChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A GPU that is left idle, by a file that stands for it. */
class GpusTest {

  @TempDir private Path root;

  private Gpus gpus(String... devices) throws IOException {
    Files.createDirectories(root.resolve("dev"));
    for (String device : devices) {
      Files.createFile(root.resolve("dev").resolve(device));
    }
    return new Gpus(root, Map.of());
  }

  private static Optional<String> warning(DeviceChoice device, Gpus gpus) {
    return Machine.computing(device, ComputeType.FLOAT32, gpus).warning();
  }

  @Test
  void shouldWarnOfAGpuThatIsLeftIdle() throws IOException {
    String warning = warning(DeviceChoice.AUTO, gpus("nvidia0", "nvidiactl")).orElseThrow();
    assertTrue(warning.startsWith("WARNING: this computes on the CPU: "), warning);
    assertTrue(warning.contains("is for the CPU only"), warning);
    assertFalse(warning.contains("\n"), warning);
  }

  @Test
  void shouldNotWarnWhereTheCpuIsMeantOrAllThereIs() throws IOException {
    assertEquals(Optional.empty(), warning(DeviceChoice.AUTO, gpus("nvidiactl", "null")));
    assertEquals(Optional.empty(), warning(DeviceChoice.CPU, gpus("nvidia3")));
  }

  @Test
  void shouldWarnThatALibtorchForGpusSeesNone() throws IOException {
    gpus();
    Gpus named = new Gpus(root, Map.of("PYTORCH_LIBRARY_PATH", "/opt/libtorch"));
    String warning = warning(DeviceChoice.AUTO, named).orElseThrow();
    assertTrue(warning.contains("no NVIDIA GPU is seen"), warning);
    assertEquals(
        Optional.empty(),
        warning(DeviceChoice.AUTO, new Gpus(root, Map.of("PYTORCH_LIBRARY_PATH", " "))));
  }

  @Test
  void shouldSayWhyAGpuIsNotSeen() throws IOException {
    assertTrue(gpus().whyUnseen().contains("no NVIDIA GPU is seen on this machine"));
    gpus("nvidia0");
    String own = new Gpus(root, Map.of("PYTORCH_LIBRARY_PATH", "/opt/libtorch")).whyUnseen();
    assertTrue(own.contains("libtorch of PYTORCH_LIBRARY_PATH=/opt/libtorch"), own);
    assertTrue(own.contains("CUDA_VISIBLE_DEVICES"), own);
  }

  @Test
  void shouldSayWhatComputes() throws IOException {
    String line = Machine.computing(DeviceChoice.CPU, ComputeType.BFLOAT16, gpus()).line();
    assertTrue(
        line.matches("computing on the CPU in bfloat16, libtorch 2\\..*, [0-9]+ thread.*"), line);
  }
}
