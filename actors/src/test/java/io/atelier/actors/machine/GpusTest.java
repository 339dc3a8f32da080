package io.atelier.actors.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.tensor.DeviceChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A GPU that is left idle, by a file that stands for it. */
class GpusTest {

  @TempDir private Path root;

  private Gpus gpus(String... devices) throws IOException {
    Files.createDirectories(root.resolve("dev"));
    for (String device : devices) {
      Files.createFile(root.resolve("dev").resolve(device));
    }
    return new Gpus(root, Map.of(), Optional.empty());
  }

  /** With a libtorch that was named and has the libraries {@code files}. */
  private Gpus named(String... files) throws IOException {
    Path folder = Files.createDirectories(root.resolve("torch" + files.length));
    for (String file : files) {
      Files.createFile(folder.resolve(file));
    }
    return new Gpus(
        root, Map.of(), Libtorch.named(Map.of("PYTORCH_LIBRARY_PATH", folder.toString())));
  }

  private static Optional<String> warning(DeviceChoice device, Gpus gpus) {
    return Machine.computing(device, "float32, weights as stored", gpus).warning();
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
    String warning =
        warning(DeviceChoice.AUTO, named("libtorch.so", "libtorch_cuda.so")).orElseThrow();
    assertTrue(warning.contains("no NVIDIA GPU is seen"), warning);
    assertEquals(Optional.empty(), warning(DeviceChoice.AUTO, named("libtorch.so")));
  }

  @Test
  void shouldSayWhyAGpuIsNotSeen() throws IOException {
    assertTrue(gpus().whyUnseen().contains("no NVIDIA GPU is seen on this machine"));
    gpus("nvidia0");
    String own = named("libtorch.so", "libtorch_cuda.so").whyUnseen();
    assertTrue(own.contains("the libtorch in " + root.resolve("torch2") + " does not"), own);
    assertTrue(own.contains("CUDA_VISIBLE_DEVICES"), own);
    String cpu = named("libtorch.so").whyUnseen();
    assertTrue(cpu.contains("torch1 is for the CPU only; name one for CUDA"), cpu);
  }

  @ParameterizedTest
  @CsvSource({
    "ATELIER_DEVICE, cpu, true",
    "ATELIER_DEVICE, '', false",
    "CUDA_VISIBLE_DEVICES, '', true",
    "CUDA_VISIBLE_DEVICES, -1, true",
    "CUDA_VISIBLE_DEVICES, 1, false"
  })
  void shouldLeaveAGpuAloneWhereItIsToldTo(String name, String value, boolean told)
      throws IOException {
    gpus("nvidia0");
    Gpus gpus = new Gpus(root, Map.of(name, value), Optional.empty());
    assertEquals(told, warning(DeviceChoice.AUTO, gpus).isEmpty());
    assertEquals(told, gpus.whyUnseen().startsWith(name + "=" + value + " leaves GPUs alone"));
  }

  @Test
  void shouldSayWhatComputes() throws IOException {
    String line =
        Machine.computing(DeviceChoice.CPU, "bfloat16, weights as float16", gpus()).line();
    assertTrue(
        line.matches(
            "computing on the CPU in bfloat16, weights as float16, libtorch 2\\..*, [0-9]+ thread.*"),
        line);
  }
}
