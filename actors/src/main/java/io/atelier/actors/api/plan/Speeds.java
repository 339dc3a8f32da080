package io.atelier.actors.api.plan;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.machine.Machine;
import io.atelier.models.cache.CacheEntries;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.Contents;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import io.atelier.models.files.Sha256;
import io.atelier.models.files.WholeFile;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.StorageType;
import io.atelier.rollout.sampler.VelocityField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measurements of {@code bench}, kept in the user's cache for {@code plan}. */
public final class Speeds {

  private static final Logger LOG = LoggerFactory.getLogger(Speeds.class);

  private static final String ENDING = ".json";

  /** Bytes of the cache: some thousand measurements. */
  private static final long LIMIT = 1 << 20;

  /**
   * The conditions under which a speed holds.
   *
   * @param bench {@code sampling} or {@code training}
   * @param parameters of the velocity network
   * @param pixels rows and columns of an image
   * @param branches of the guidance, 1 or 2
   * @param threads native threads of an operation
   * @param compute type that the network computes in, and its storage type if not as in the file
   * @param processor name of the CPU or GPU
   */
  public record Conditions(
      String bench,
      long parameters,
      int pixels,
      int branches,
      int threads,
      String compute,
      String processor) {}

  /**
   * @param seconds per latent through the network, in training counted three times for the backward
   *     pass; all other work for a group is spread over them
   * @param group images of the measured group
   * @param merged whether the adapter was merged
   * @param millis time of the measurement, in milliseconds since the Unix epoch
   */
  public record Speed(
      Conditions conditions, double seconds, int group, boolean merged, long millis) {}

  private final Path folder;

  Speeds(Path folder) {
    this.folder = folder;
  }

  /** The measurements of this user. */
  public static Speeds here() {
    return new Speeds(CacheFolder.get().resolve("bench"));
  }

  /** Converts a result to the form that is kept. */
  public static Speed of(Benchmark.Result result, PipelineFolder model, long millis) {
    Benchmark.Sizes sizes = result.sizes();
    return new Speed(
        new Conditions(
            result.bench(),
            model.transformerConfig().parameters(),
            sizes.pixels(),
            sizes.branches(),
            result.threads(),
            types(model.types().compute(), model.types().network()),
            Machine.processor(Machine.isOnGpu())),
        result.secondsPerLatent(),
        sizes.group(),
        result.isSampling(),
        millis);
  }

  /** The conditions of a run; empty if its images are not square, as those of bench are. */
  static Optional<Conditions> conditions(String bench, TrainConfig config, PipelineFolder model) {
    if (config.rollout().height() != config.rollout().width()) {
      return Optional.empty();
    }
    return Optional.of(
        new Conditions(
            bench,
            model.transformerConfig().parameters(),
            config.rollout().height(),
            VelocityField.branches(config.rollout().guidance()),
            config.run().threads(),
            types(config.placement().rollout().compute(), config.placement().rollout().storage()),
            Machine.processor(Machine.expectsGpu(config.placement().device(true)))));
  }

  private static String types(ComputeType compute, StorageType storage) {
    return storage == StorageType.STORED ? compute.toString() : compute + ", kept as " + storage;
  }

  /** Saves a speed, replacing an older one under the same conditions; warns if it cannot. */
  public void keep(Speed speed) {
    Conditions c = speed.conditions();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("bench", c.bench());
    values.put("parameters", c.parameters());
    values.put("pixels", c.pixels());
    values.put("branches", c.branches());
    values.put("threads", c.threads());
    values.put("compute", c.compute());
    values.put("processor", c.processor());
    values.put("seconds", speed.seconds());
    values.put("group", speed.group());
    values.put("merged", speed.merged());
    values.put("millis", String.valueOf(speed.millis()));
    Path file = file(c);
    try {
      WholeFile.write(file, JsonMapper.builder().build().writeValueAsBytes(values));
      CacheEntries.evict(folder, ENDING, LIMIT, List.of(file));
    } catch (IOException e) {
      LOG.warn(
          "{} could not be saved, so plan does not know this speed: {}", file, Contents.reason(e));
    }
  }

  /** The newest speed under these conditions; one that cannot be read is ignored with a warning. */
  Optional<Speed> find(Conditions conditions) {
    Path file = file(conditions);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      JsonFile json = JsonFile.read(file);
      double seconds = json.number("seconds");
      if (!(seconds > 0)) {
        throw json.wrong("seconds", "should be above 0");
      }
      return Optional.of(
          new Speed(
              conditions, seconds, json.count("group"), json.flag("merged", false), millis(json)));
    } catch (FileException e) {
      LOG.warn("a measurement is ignored, until bench repeats it: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static long millis(JsonFile json) {
    try {
      return Long.parseLong(json.text("millis"));
    } catch (NumberFormatException e) {
      throw json.wrong("millis", "should be a whole number in quotes");
    }
  }

  /** The file, named after all conditions. */
  private Path file(Conditions conditions) {
    String name = Sha256.of(conditions.toString());
    return folder.resolve(conditions.bench() + "-" + name.substring(0, 16) + ENDING);
  }
}
