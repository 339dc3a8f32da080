package io.atelier.tests.cli;

import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The small random pipeline of the golden set, and what a short run on it takes. */
public final class TinyPipeline {

  /**
   * Settings with which a step takes less than a second: two small groups, four steps of sampling,
   * and a critic whose file has 0.6 MB instead of 8, for all who get a version of it hash it, which
   * was a third of the time of a run.
   */
  public static final List<String> SHORT =
      List.of(
          "run.steps=3",
          "run.threads=1",
          "rollout.group-size=2",
          "rollout.height=64",
          "rollout.width=64",
          "rollout.steps=4",
          "learner.groups-per-step=2",
          "model.adapter.rank=2",
          "critic.statistics-images=4",
          "reward.adversarial.hidden=8",
          "reward.adversarial.encoder-pixels=64",
          "checkpoint.every=1",
          "evaluation.every=0");

  private TinyPipeline() {}

  public static Path path() {
    return Golden.path("sd3-tiny");
  }

  /** A tensor while a file is being changed. */
  record Values(long[] shape, float[] values) {}

  /** A copy of the pipeline whose velocity network has been changed. */
  static Path changed(Path target, Consumer<Map<String, Values>> change) throws IOException {
    try (Stream<Path> files = Files.walk(path())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(path().relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    Path weights = weights(target);
    SafetensorsFile source = SafetensorsFile.open(weights);
    Map<String, Values> tensors = new TreeMap<>();
    for (String name : source.names()) {
      tensors.put(name, new Values(source.info(name).shape(), source.floats(name)));
    }
    change.accept(tensors);
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach((name, tensor) -> writer.add(name, tensor.shape(), tensor.values()));
    writer.write(weights);
    return target;
  }

  static Path weights(Path pipeline) {
    return pipeline.resolve("transformer/diffusion_pytorch_model.safetensors");
  }
}
