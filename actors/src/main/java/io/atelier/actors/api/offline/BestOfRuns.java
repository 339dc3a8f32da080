package io.atelier.actors.api.offline;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
import io.atelier.actors.compute.TrainedOn;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.adversarial.Aggregate;
import io.atelier.reward.adversarial.MemberScores;
import io.atelier.reward.metrics.BestOf;
import io.atelier.reward.metrics.HeldOut;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Best of n: the images that the rewards of runs choose from n images of the model, measured on
 * held-out prompts. The scores of several runs are each centred by the prompt's mean, divided by
 * the standard deviation of the run's scores within prompts, and then combined like those of a
 * critic's heads.
 *
 * @param runs at least one; the first one's configuration decides what is sampled with which model
 * @param measured settings of data and evaluation that override the first run's
 * @param rewards settings of the reward that override each run's own
 * @param threads native threads of an operation
 * @param wanted selects prompts by text
 * @param images per prompt, at least 2
 * @param choices values of n, each at most {@code images}
 * @param aggregate how the scores of several runs become one
 */
public record BestOfRuns(
    List<Source> runs,
    List<String> measured,
    List<String> rewards,
    int threads,
    Predicate<String> wanted,
    int images,
    List<Integer> choices,
    Aggregate aggregate) {

  /**
   * Prefix of the settings of the evaluation's encoder, which a run's own encoders must differ
   * from.
   */
  private static final String JUDGE = "evaluation.encoder";

  /**
   * A run's reward.
   *
   * @param name for messages
   */
  public record Source(String name, Path checkpoint) {}

  /**
   * The result of the measurement.
   *
   * @param prompts number of sampled prompts
   * @param measures measurements of the chosen images, by n
   * @param agreement mean correlation of two runs' scores within a prompt; empty for one run
   */
  public record Result(
      int prompts, SortedMap<Integer, Map<String, Double>> measures, OptionalDouble agreement) {}

  /** The configuration of the first run, with the requested measurement. */
  public TrainConfig config() {
    return read(runs.get(0), measured);
  }

  /** The configuration of a run when the checkpoint was written. */
  private TrainConfig read(Source run, List<String> others) {
    List<String> settings = new ArrayList<>(others);
    settings.add("run.threads=" + threads);
    settings.add("evaluation.shown=1"); // none of them is shown
    return TrainConfig.read(run.checkpoint().resolve("config.conf"), settings);
  }

  /**
   * Samples, scores and measures; libtorch must have been started.
   *
   * @param folder the first run's model
   * @param trained the part of the model that {@code policy} replaces
   * @param policy weights to sample with; empty for the model as it is
   * @param say receives warnings
   * @param doing receives what it is doing now
   */
  public Result measure(
      PipelineFolder folder,
      Trained trained,
      Optional<NamedTensors> policy,
      Consumer<String> say,
      Consumer<String> doing) {
    TrainConfig config = config();
    TrainingData all = Assembly.data(config);
    TrainingData data = all.measuring(wanted);
    List<Prompt> prompts = data.heldOut().prompts();
    if (prompts.size() < 2) {
      throw new InvalidConfigException(
          "%d of the %d prompts to measure on are selected, and 2 are needed; select more (--only), or name more (evaluation.prompts, data.held-out)"
              .formatted(prompts.size(), all.heldOut().prompts().size()));
    }
    HeldOutEvaluation.Settings settings = Assembly.settings(config, data);
    Captions.check(folder, prompts, ComputeFactory.T5_LENGTH, config.data().tooLong());
    Encoders.Found judge = Assembly.heldOutEncoder(config, threads);
    List<RunReward> scorers = new ArrayList<>();
    try {
      for (Source run : runs) {
        scorers.add(open(run, config, folder, prompts, judge, say));
      }
      doing.accept("measuring the references");
      try (HeldOutEvaluation evaluation =
          new HeldOutEvaluation(folder, trained, settings, data.heldOut(), judge.open(), threads)) {
        policy.ifPresent(evaluation::load);
        HeldOut.Features drawn =
            evaluation.look(
                images,
                (place, group) -> {
                  doing.accept("prompt %d of %d".formatted(place + 1, prompts.size()));
                  scorers.forEach(scorer -> scorer.score(group));
                });
        List<float[][]> scores = scores(scorers, prompts.size());
        List<float[]> combined = combined(scores);
        List<Integer> concepts = prompts.stream().map(Prompt::index).toList();
        SortedMap<Integer, Map<String, Double>> measures = new TreeMap<>();
        for (int n : choices) {
          measures.put(n, BestOf.measure(evaluation.heldOut(), drawn, concepts, combined, n));
        }
        return new Result(
            prompts.size(),
            measures,
            scorers.size() > 1 ? MemberScores.agreement(scores) : OptionalDouble.empty());
      }
    } finally {
      scorers.forEach(RunReward::close);
    }
  }

  private RunReward open(
      Source run,
      TrainConfig first,
      PipelineFolder folder,
      List<Prompt> prompts,
      Encoders.Found judge,
      Consumer<String> say) {
    List<String> settings = new ArrayList<>(rewards);
    measured.stream().filter(setting -> setting.startsWith(JUDGE)).forEach(settings::add);
    TrainConfig own = read(run, List.of());
    TrainConfig config = read(run, settings);
    requireSameCritics(run.name(), own.reward(), config.reward());
    requireSameImages(run, own, first, say);
    TrainingData data = Assembly.data(own);
    sayWhatIsTrainedOn(run.name(), data, prompts, say);
    if (!config.reward().judged().isEmpty()) {
      config = config.with("run.dir=" + folderOfJudgements(say));
    }
    return RunReward.open(run.name(), run.checkpoint(), config, data, folder, prompts, judge);
  }

  /** A temporary folder, so that the run's own folder is not changed. */
  private static Path folderOfJudgements(Consumer<String> say) {
    try {
      Path folder = Files.createTempDirectory("atelier-best-of-");
      say.accept("judgements are kept in " + folder);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("no folder can be created for judgements", e);
    }
  }

  private static void requireSameCritics(String run, RewardConfig own, RewardConfig now) {
    Set<String> before = names(own);
    if (!before.equals(names(now))) {
      throw new InvalidConfigException(
          "%s has the critics %s, and with the settings given here it would have %s; critics are a run's own, so name the same ones in reward.graph, with weights above 0"
              .formatted(run, before, names(now)));
    }
  }

  private static Set<String> names(RewardConfig reward) {
    return reward.learned().stream().map(part -> part.name()).collect(Collectors.toSet());
  }

  private void requireSameImages(
      Source run, TrainConfig own, TrainConfig first, Consumer<String> say) {
    if (own.rollout().height() != first.rollout().height()
        || own.rollout().width() != first.rollout().width()) {
      throw new InvalidConfigException(
          "%s is of images of %d x %d pixels, and %s of %d x %d; give runs of one size"
              .formatted(
                  run.name(),
                  own.rollout().height(),
                  own.rollout().width(),
                  runs.get(0).name(),
                  first.rollout().height(),
                  first.rollout().width()));
    }
    TrainedOn.checkpoint(run.checkpoint())
        .flatMap(on -> TrainedOn.difference(on, first.model().path(), say))
        .ifPresent(
            difference -> {
              throw new InvalidConfigException(
                  "%s is of another model than %s, which draws. %s"
                      .formatted(run.name(), first.model().path(), difference));
            });
  }

  private static void sayWhatIsTrainedOn(
      String run, TrainingData data, List<Prompt> prompts, Consumer<String> say) {
    Set<String> trained = new HashSet<>();
    data.prompts().forEach(prompt -> trained.add(prompt.text()));
    List<Prompt> seen = prompts.stream().filter(p -> trained.contains(p.text())).toList();
    if (!seen.isEmpty()) {
      say.accept(
          "warning: %s was trained on %d of the %d prompts, such as \"%s\""
              .formatted(run, seen.size(), prompts.size(), Captions.beginning(seen.get(0).text())));
    }
  }

  /** The scores of all runs for each prompt, (K, N). */
  private static List<float[][]> scores(List<RunReward> scorers, int prompts) {
    List<List<float[]>> ofRuns = scorers.stream().map(RunReward::rewards).toList();
    List<float[][]> scores = new ArrayList<>();
    for (int prompt = 0; prompt < prompts; prompt++) {
      int p = prompt;
      scores.add(ofRuns.stream().map(own -> own.get(p)).toArray(float[][]::new));
    }
    return scores;
  }

  /** One score per image; for a single run its own. */
  private List<float[]> combined(List<float[][]> scores) {
    if (runs.size() == 1) {
      return scores.stream().map(own -> own[0]).toList();
    }
    float[] deviations = MemberScores.deviations(scores);
    for (int k = 0; k < deviations.length; k++) {
      if (!(deviations[k] > 0)) {
        throw new InvalidConfigException(
            "%s gives all images of a prompt the same score, so it has nothing to say; leave it out"
                .formatted(runs.get(k).name()));
      }
    }
    return scores.stream()
        .map(
            own ->
                MemberScores.aggregated(aggregate, MemberScores.standardised(own, own, deviations)))
        .toList();
  }
}
