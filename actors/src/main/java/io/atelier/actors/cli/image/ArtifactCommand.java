package io.atelier.actors.cli.image;

import io.atelier.actors.api.offline.ArtifactTraining;
import io.atelier.actors.api.offline.ArtifactTraining.Tested;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.console.TextTable;
import io.atelier.actors.cli.option.Converters;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.ModelOption;
import io.atelier.actors.compute.PairKind;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.ArtifactConfig;
import io.atelier.actors.run.record.Terminal;
import io.atelier.reward.artifact.Damage;
import io.atelier.reward.artifact.HeadTraining;
import io.atelier.reward.artifact.PairReport;
import io.atelier.reward.artifact.PairStatistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "artifact",
    description =
        "Trains a head that tells clean images from damaged ones, for reward.artifact, and tests"
            + " it on images that it has not seen.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Kinds of damage: blur, noise, jpeg, duplicated-tiles, shuffled-tiles, ghost.",
      "",
      "Examples:",
      "  ./atelier artifact --synthetic 3d --out head.safetensors",
      "  ./atelier artifact --synthetic 3d --leave-out ghost,jpeg --out head.safetensors",
      "  ./atelier artifact --pairs pairs.jsonl --test others.jsonl --out head.safetensors",
      "  ./atelier artifact --synthetic 3d --labels runs/001/labels.jsonl --out head.safetensors",
      "  ./atelier artifact --preferences runs/001/preferences.jsonl --out head.safetensors",
      "  ./atelier train reward.artifact.weight=1 reward.artifact.head=head.safetensors",
    })
public final class ArtifactCommand implements Callable<Integer> {

  private static final String SETTINGS =
      "data.*, rollout.height, rollout.width and the encoder of reward.artifact";

  private static final Pattern USED =
      Pattern.compile(
          "data(\\..*)?|rollout\\.(height|width)|reward\\.artifact\\.encoder(-pixels|-colours)?");

  private static final int LINE_EVERY = 100;

  @Option(
      names = "--synthetic",
      paramLabel = "REFERENCES",
      description =
          "Damage these references to make pairs; named as data.references names them: a style of"
              + " the pack, a folder of images, or a .json file.")
  private Optional<String> synthetic;

  @Option(
      names = "--leave-out",
      paramLabel = "KIND",
      split = ",",
      description = "Kinds of that damage that the head is only tested on.")
  private List<String> leaveOut = new ArrayList<>();

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "JSON lines {\"prompt\": ..., \"clean\": \"a.png\", \"damaged\": \"b.png\"}; a fifth of"
              + " the prompts is only tested.")
  private Optional<Path> pairs;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "labels.jsonl of a run: good images and artifacts of the same prompt make pairs; a fifth"
              + " of the prompts is only tested.")
  private Optional<Path> labels;

  @Option(
      names = "--preferences",
      paramLabel = "FILE",
      description =
          "preferences.jsonl of a run: the preferred image is the clean one of a pair; a fifth of"
              + " the prompts is only tested.")
  private Optional<Path> preferences;

  @Option(
      names = ArtifactTraining.TEST,
      paramLabel = "FILE",
      description = "More pairs to test on; may be given several times.")
  private List<Path> tests = new ArrayList<>();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "F.safetensors",
      description = "Where to write the head.")
  private Path out;

  @Option(
      names = "--vectors",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "pool",
      description = "Outputs of the encoder that the head sees (default: ${DEFAULT-VALUE}).")
  private List<String> vectors;

  @Option(
      names = "--statistics",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "low,mid",
      description =
          "Feature maps whose mean and standard deviation it sees (default: ${DEFAULT-VALUE}).")
  private List<String> statistics;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Optimizer steps (default: ${DEFAULT-VALUE}).",
      defaultValue = "400")
  private int steps;

  @Option(
      names = "--seed",
      description = "Decides everything random, 0 to 2^64 - 1 (default: ${DEFAULT-VALUE}).",
      defaultValue = "1",
      converter = Converters.SeedConverter.class)
  private long seed;

  @Mixin private ModelOption model;

  @Parameters(paramLabel = "key=value", description = "Settings as of a run: " + SETTINGS + ".")
  private List<String> overrides = new ArrayList<>();

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Set<Damage> leftOut = leftOut();
    requireUsed(leftOut);
    Outputs.requireSafetensors(spec, "--out", out);
    HeadTraining training = training();
    TrainConfig config = config();
    engine.start();
    Terminal terminal = Terminal.standard(spec.commandLine().getOut());
    List<Tested> tested =
        new ArtifactTraining(
                config,
                synthetic.isPresent(),
                leftOut,
                files(),
                tests,
                vectors,
                statistics.stream().filter(name -> !name.isEmpty()).toList(),
                training,
                seed)
            .run(out, (step, loss) -> show(terminal, step, loss));
    terminal.done();
    table(tested).forEach(terminal::line);
    terminal.line(
        "done: %s; train with %s.weight=1 %s.head=%s"
            .formatted(out, ArtifactConfig.SECTION, ArtifactConfig.SECTION, out));
    return ExitCode.DONE;
  }

  private Map<PairKind, Path> files() {
    Map<PairKind, Path> files = new EnumMap<>(PairKind.class);
    pairs.ifPresent(file -> files.put(PairKind.PAIRS, file));
    labels.ifPresent(file -> files.put(PairKind.LABELS, file));
    preferences.ifPresent(file -> files.put(PairKind.PREFERENCES, file));
    return files;
  }

  private Set<Damage> leftOut() {
    Set<Damage> kinds = EnumSet.noneOf(Damage.class);
    for (String key : leaveOut) {
      kinds.add(
          Damage.of(key)
              .orElseThrow(
                  () ->
                      wrong(
                          "--leave-out %s is not a kind of damage; name some of %s",
                          key,
                          Arrays.stream(Damage.values())
                              .map(Damage::key)
                              .collect(Collectors.joining(", ")))));
    }
    return kinds;
  }

  private ParameterException wrong(String what, Object... values) {
    return new ParameterException(spec.commandLine(), what.formatted(values));
  }

  /** An option that would change nothing is an error. */
  private void requireUsed(Set<Damage> leftOut) {
    if (synthetic.isEmpty() && files().isEmpty()) {
      throw wrong(
          "there is nothing to train on; give --synthetic, --pairs, --labels or --preferences");
    }
    if (synthetic.isEmpty() && !leftOut.isEmpty()) {
      throw wrong("--leave-out needs --synthetic; leave it out");
    }
    if (leftOut.size() == Damage.values().length && files().isEmpty()) {
      throw wrong("--leave-out names every kind of damage; leave one to train on, or give --pairs");
    }
    for (String override : overrides) {
      if (!USED.matcher(override.split("=", 2)[0].strip()).matches()) {
        throw wrong("%s changes nothing here; artifact takes %s", override, SETTINGS);
      }
    }
  }

  private HeadTraining training() {
    HeadTraining usual = HeadTraining.DEFAULT;
    try {
      return new HeadTraining(steps, usual.batch(), usual.rate(), usual.featureNoise());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--steps: " + e.getMessage(), e);
    }
  }

  private TrainConfig config() {
    List<String> settings = new ArrayList<>(overrides);
    settings.add("model.path=" + model.name());
    settings.add("run.threads=" + engine.count());
    synthetic.ifPresent(references -> settings.add("data.references=" + references));
    return TrainConfig.load(TrainConfig.DEFAULT_PRESET, List.of(), settings);
  }

  private void show(Terminal terminal, int step, double loss) {
    terminal.progress(step, steps, "steps");
    if (step % LINE_EVERY == 0) {
      terminal.line(String.format(Locale.ROOT, "step %d/%d  loss %.4f", step, steps, loss));
    }
  }

  /** All accuracies are over pairs, also those of a head without this damage and other rewards. */
  private static List<String> table(List<Tested> tested) {
    List<String> others = List.copyOf(tested.get(0).report().others().keySet());
    List<String> header =
        new ArrayList<>(List.of("damage", "trained on", "pairs", "accuracy", "if left out"));
    header.addAll(others);
    header.addAll(List.of("likelihood", "p clean", "p damaged"));
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (Tested each : tested) {
      PairReport report = each.report();
      List<String> cells = new ArrayList<>();
      cells.add(report.kind());
      cells.add(each.trained() ? "yes" : "no");
      cells.add(Integer.toString(report.head().pairs()));
      cells.add(number(report.head().accuracy()));
      cells.add(each.unseen().isPresent() ? number(each.unseen().getAsDouble()) : "-");
      for (String other : others) {
        cells.add(number(report.others().get(other).accuracy()));
      }
      cells.add(number(report.likelihood()));
      cells.add(number(report.clean()));
      cells.add(number(report.damaged()));
      table.add(cells.toArray(String[]::new));
    }
    List<String> lines = new ArrayList<>(table.lines());
    for (boolean trained : new boolean[] {true, false}) {
      mean(tested, trained)
          .ifPresent(
              mean ->
                  lines.add(
                      "accuracy on damage that it was %strained on: %s"
                          .formatted(trained ? "" : "not ", number(mean))));
    }
    return lines;
  }

  /** Returns the accuracy over all pairs together. */
  private static Optional<Double> mean(List<Tested> tested, boolean trained) {
    int correct = 0;
    int ties = 0;
    int wrong = 0;
    for (Tested each : tested) {
      if (each.trained() == trained) {
        correct += each.report().head().correct();
        ties += each.report().head().ties();
        wrong += each.report().head().wrong();
      }
    }
    PairStatistics all = new PairStatistics(correct, ties, wrong);
    return all.pairs() == 0 ? Optional.empty() : Optional.of(all.accuracy());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
