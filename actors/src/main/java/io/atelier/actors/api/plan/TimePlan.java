package io.atelier.actors.api.plan;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.run.ModelConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.DeviceChoice;
import io.atelier.models.tensor.StorageType;
import io.atelier.rollout.sampler.RolloutConfig;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Time of a step in seconds, by what {@code bench} measured under the same conditions, if sampling
 * and training do not overlap and no two workers share a processor.
 *
 * @param sampling time to sample the groups of a step, divided among the rollout workers
 * @param training time to learn from them, divided among the learner and the gradient workers
 */
public record TimePlan(double sampling, double training) {

  /**
   * Lines for the user; without measurements, how to make them.
   *
   * @param sampledLatents as in {@link RunPlan}
   * @param trainedLatents as in {@link RunPlan}
   */
  static List<String> lines(
      TrainConfig config,
      PipelineFolder model,
      Speeds speeds,
      long sampledLatents,
      long trainedLatents) {
    Optional<Speeds.Conditions> of = Speeds.conditions("sampling", config, model);
    if (of.isEmpty()) {
      return List.of("time        not known: ./atelier bench measures square images only");
    }
    Optional<Speeds.Speed> sampling = speeds.find(of.get());
    Optional<Speeds.Speed> training =
        Speeds.conditions("training", config, model).flatMap(speeds::find);
    List<String> missing = new ArrayList<>();
    if (sampling.isEmpty()) {
      missing.add("sampling");
    }
    if (training.isEmpty()) {
      missing.add("training");
    }
    if (!missing.isEmpty()) {
      boolean both = missing.size() == 2;
      return List.of(
          "time        not known: %s %s not measured here for such a model, images, threads and type;"
              .formatted(String.join(" and ", missing), both ? "were" : "was"),
          "            ./atelier bench %s %s%s"
              .formatted(
                  missing.get(0), options(config), both ? ", and bench training the same" : ""));
    }
    TimePlan plan =
        new TimePlan(
            sampledLatents * sampling.get().seconds() / config.workers().rollout(),
            trainedLatents * training.get().seconds() / learners(config));
    return plan.described(config, sampling.get(), training.get());
  }

  private List<String> described(
      TrainConfig config, Speeds.Speed measured, Speeds.Speed alsoMeasured) {
    double step = sampling + training;
    List<String> lines = new ArrayList<>();
    lines.add(
        "time        about %s a step: %s sampling by %d rollout worker(s), then %s training by %d learner(s); %s in all"
            .formatted(
                time(step),
                time(sampling),
                config.workers().rollout(),
                time(training),
                learners(config),
                time(step * config.run().steps())));
    RolloutConfig rollout = config.rollout();
    List<String> others = new ArrayList<>();
    if (config.model().train() == ModelConfig.Train.FULL) {
      others.add(
          "an adapter was trained, and in this run all weights are, whose optimizer and transfer"
              + " to the workers take longer");
    } else if (measured.merged() && !rollout.mergeAdapter()) {
      others.add("the adapter was merged, and is not in this run");
    }
    if (measured.group() != rollout.groupSize() || alsoMeasured.group() != rollout.groupSize()) {
      others.add(
          "groups were of %d and %d, and are of %d"
              .formatted(measured.group(), alsoMeasured.group(), rollout.groupSize()));
    }
    if (rollout.samplesAtOnce() != rollout.groupSize()) {
      others.add(
          "each passed through the network at once, and does so in chunks of %d"
              .formatted(rollout.samplesAtOnce()));
    }
    lines.add(
        "            as bench measured on %s and %s, if no two share processors; without rewards, critic and evaluation%s"
            .formatted(
                day(measured),
                day(alsoMeasured),
                others.isEmpty() ? "" : "; " + String.join("; ", others)));
    return lines;
  }

  private static int learners(TrainConfig config) {
    return 1 + config.workers().gradient();
  }

  /** The options with which bench measures this run. */
  private static String options(TrainConfig config) {
    RolloutConfig rollout = config.rollout();
    DeviceChoice device = config.placement().rollout().device();
    ComputeType compute = config.placement().rollout().compute();
    StorageType storage = config.placement().rollout().storage();
    String model = config.model().path();
    return String.format(
        Locale.ROOT,
        "--model %s --pixels %d --group %d --steps %d --trained %d --guidance %s --rank %d --threads %d%s%s%s",
        model.matches("[\\w./@:+-]+") ? model : "'" + model.replace("'", "'\\''") + "'",
        rollout.height(),
        rollout.groupSize(),
        rollout.steps(),
        config.learner().rows(rollout.window().length()),
        rollout.guidance(),
        config.model().adapter().rank(),
        config.run().threads(),
        device == DeviceChoice.AUTO ? "" : " --device " + device.name().toLowerCase(Locale.ROOT),
        compute == ComputeType.FLOAT32 ? "" : " --compute " + compute,
        storage == StorageType.STORED ? "" : " --storage " + storage);
  }

  private static String day(Speeds.Speed speed) {
    return Instant.ofEpochMilli(speed.millis()).atZone(ZoneOffset.UTC).toLocalDate().toString();
  }

  private static String time(double seconds) {
    if (seconds < 100) {
      return String.format(Locale.ROOT, seconds < 1 ? "%.2f s" : "%.1f s", seconds);
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
