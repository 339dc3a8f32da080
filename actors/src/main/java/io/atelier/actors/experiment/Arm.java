package io.atelier.actors.experiment;

import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One of the things that an experiment compares: a configuration that is run with several seeds.
 *
 * @param name within its experiment
 * @param preset with which the configuration begins
 * @param trains whether it is trained; otherwise the model is measured as it is, and a seed decides
 *     the noise of what is measured
 * @param settings {@code key=value} pairs on top of the preset
 */
public record Arm(String name, String preset, boolean trains, List<String> settings) {

  private static final String MODEL = "model.path=";

  private static final Pattern MEASURED =
      Pattern.compile("((data|evaluation)\\..*|rollout\\.(height|width)|model\\.path)=");

  public Arm {
    settings = List.copyOf(settings);
    if (!trains && !preset.equals(TrainConfig.DEFAULT_PRESET)) {
      throw new IllegalArgumentException(
          "arm %s is not trained, and preset %s changes nothing that is measured; leave it out"
              .formatted(name, preset));
    }
  }

  /** Whether a setting changes what is measured of a model that is not trained. */
  static boolean isMeasured(String setting) {
    return MEASURED.matcher(setting).lookingAt();
  }

  /** The whole configuration of its run with a seed, checked. */
  TrainConfig config(long seed) {
    List<String> all = new ArrayList<>(settings);
    all.add((trains ? "run.seed=" : "evaluation.seed=") + Long.toUnsignedString(seed));
    try {
      return TrainConfig.load(preset, List.of(), all);
    } catch (InvalidConfigException e) {
      throw new InvalidConfigException("arm %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Arguments of {@code ./atelier} that begin its run. */
  List<String> begin(long seed, Path folder) {
    if (!trains) {
      return measure(seed);
    }
    List<String> arguments = new ArrayList<>(List.of("train", "--stop-with-input"));
    arguments.addAll(List.of("--preset", preset));
    arguments.addAll(settings);
    arguments.add("run.seed=" + Long.toUnsignedString(seed));
    arguments.add("run.dir=" + folder);
    return arguments;
  }

  /** Arguments of {@code ./atelier} that go on with its run. */
  static List<String> resume(Path folder) {
    return List.of("train", "--stop-with-input", "--resume", folder.toString());
  }

  private List<String> measure(long seed) {
    int threads = config(seed).run().threads();
    List<String> arguments = new ArrayList<>(List.of("eval", "--json", "--threads", "" + threads));
    for (String setting : settings) {
      if (setting.startsWith(MODEL)) {
        arguments.addAll(List.of("--model", setting.substring(MODEL.length())));
      } else {
        arguments.add(setting);
      }
    }
    arguments.add("evaluation.seed=" + Long.toUnsignedString(seed));
    return arguments;
  }
}
