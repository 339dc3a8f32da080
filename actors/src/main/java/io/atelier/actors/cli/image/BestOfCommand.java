package io.atelier.actors.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.api.offline.BestOfRuns;
import io.atelier.actors.cli.console.Doing;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.TextTable;
import io.atelier.actors.cli.option.Converters;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.LoraOption;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.port.Clock;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.reward.adversarial.Aggregate;
import io.atelier.rollout.noise.GroupNoise;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "best-of",
    description =
        "Measures what the rewards of runs choose out of n images, without training: the model from"
            + " before training draws n images of each prompt, and the one with the highest score is"
            + " measured as in eval.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "A measure is the mean over the blocks of n that the images make. The scores of several runs"
          + " are",
      "brought to one scale and combined; agreement is their mean correlation, -1 to 1.",
      "",
      "Examples:",
      "  ./atelier best-of runs/001",
      "  ./atelier best-of runs/001 runs/002 runs/003 --aggregate mean-std --json",
      "  ./atelier best-of runs/001 --images 16 evaluation.prompts=20 evaluation.seed=2",
      "  ./atelier best-of runs/001 --only '\\b(red|green|blue)\\b' evaluation.prompts=400",
      "  ./atelier best-of runs/001 'reward.graph.sum=[adversarial, frame]'",
    })
public final class BestOfCommand implements Callable<Integer> {

  private static final String SETTINGS =
      "data.*, reward.* and prompts, group-size, steps, guidance, seed and encoder of evaluation";

  private static final Pattern SETTING = Pattern.compile("[a-z][a-z0-9-]*(\\.[^=]+)*\\s*=.*");

  private static final Pattern MEASURED =
      Pattern.compile(
          "data\\..+|evaluation\\.(prompts|group-size|steps|guidance|seed"
              + "|encoder(-pixels|-colours)?)");

  /** The inputs of a trained critic cannot change. */
  private static final Pattern REWARD =
      Pattern.compile(
          "reward\\.(?!(adversarial|critics|supplied)\\b).+"
              + "|reward\\.(adversarial|critics\\.[^.]+)\\.weight");

  private static final List<Integer> CHOICES = List.of(1, 4, 16, 64);

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN|key=value",
      description = "Run folders or checkpoints, and settings as of a run: " + SETTINGS + ".")
  private List<String> parameters = new ArrayList<>();

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Images of each prompt (default: ${DEFAULT-VALUE}).",
      defaultValue = "64")
  private int images;

  @Option(
      names = "--of",
      paramLabel = "n",
      split = ",",
      description =
          "Numbers n of images that one is chosen from (default: those of 1, 4, 16, 64 that are at"
              + " most --images).")
  private List<Integer> choices = new ArrayList<>();

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description =
          "Of the evaluation.prompts held-out captions, use only those that contain a match.")
  private Optional<String> only;

  @Option(
      names = "--aggregate",
      paramLabel = "RULE",
      description =
          "How the scores of several runs become one: mean (default), median, mean-std or min.")
  private Optional<String> aggregate;

  @Mixin private LoraOption lora;

  @Option(
      names = "--json",
      description = "Print one line of JSON, with names such as styleShare@4.")
  private boolean json;

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    List<BestOfRuns.Source> runs = new ArrayList<>();
    List<String> measured = new ArrayList<>();
    List<String> rewards = new ArrayList<>();
    for (String parameter : parameters) {
      String key = parameter.split("=", 2)[0].strip();
      if (!SETTING.matcher(parameter).matches()) {
        runs.add(new BestOfRuns.Source(parameter, TrainedWeights.newest(path(parameter))));
      } else if (MEASURED.matcher(key).matches()) {
        measured.add(parameter);
      } else if (REWARD.matcher(key).matches()) {
        rewards.add(parameter);
      } else {
        throw wrong("%s changes nothing that best-of does; it takes %s", parameter, SETTINGS);
      }
    }
    requireRuns(runs);
    BestOfRuns best =
        new BestOfRuns(
            runs, measured, rewards, engine.count(), wanted(), images(), choices(), rule(runs));
    TrainConfig config = best.config();
    PipelineFolder folder = Assembly.model(config.model().path(), engine.types());
    Assembly.requireText(folder);
    Optional<TrainedWeights> weights = lora.weights(config.model().path(), folder);
    engine.start(folder);
    PrintWriter err = spec.commandLine().getErr();
    Doing doing = new Doing(err, Clock.system());
    BestOfRuns.Result result;
    try {
      result =
          best.measure(
              folder,
              weights.map(TrainedWeights::part).orElse(config.model().adapter()),
              weights.map(TrainedWeights::values),
              line -> {
                doing.done();
                err.println("atelier: " + line);
              },
              doing);
    } finally {
      doing.done();
    }
    print(result);
    return ExitCode.DONE;
  }

  private void requireRuns(List<BestOfRuns.Source> runs) {
    if (runs.isEmpty()) {
      throw wrong("no run is named; give the folder of one or more, such as runs/001");
    }
    Set<Path> named = new LinkedHashSet<>();
    for (BestOfRuns.Source run : runs) {
      if (!named.add(run.checkpoint().toAbsolutePath().normalize())) {
        throw wrong("%s is named twice, and would count twice; name it once", run.name());
      }
    }
  }

  private Path path(String text) {
    try {
      return Converters.path(text);
    } catch (TypeConversionException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Predicate<String> wanted() {
    try {
      return only.map(regex -> Pattern.compile(regex).asPredicate()).orElse(text -> true);
    } catch (PatternSyntaxException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--only %s is not a regular expression: %s".formatted(only.get(), e.getDescription()),
          e);
    }
  }

  private int images() {
    if (images < 2 || images > GroupNoise.SAMPLES_MAX) {
      throw wrong("--images %d must be 2 to %d", images, GroupNoise.SAMPLES_MAX);
    }
    return images;
  }

  private List<Integer> choices() {
    if (choices.isEmpty()) {
      return CHOICES.stream().filter(n -> n <= images).toList();
    }
    for (int n : choices) {
      if (n < 1 || n > images) {
        throw wrong("--of %d must be 1 to %d, which is --images", n, images);
      }
    }
    return choices.stream().distinct().sorted().toList();
  }

  private Aggregate rule(List<BestOfRuns.Source> runs) {
    if (aggregate.isPresent() && runs.size() == 1) {
      throw wrong("--aggregate needs several runs; leave it out, or name more");
    }
    String named = aggregate.orElse("mean");
    for (Aggregate rule : Aggregate.values()) {
      if (named.equals(rule.name().toLowerCase(Locale.ROOT).replace('_', '-'))) {
        return rule;
      }
    }
    throw wrong("--aggregate %s must be mean, median, mean-std or min", named);
  }

  private ParameterException wrong(String what, Object... values) {
    return new ParameterException(spec.commandLine(), what.formatted(values));
  }

  private void print(BestOfRuns.Result result) throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("prompts", result.prompts());
      line.put("images", images);
      result.agreement().ifPresent(value -> line.put("agreement", value));
      result
          .measures()
          .forEach(
              (n, measures) ->
                  new TreeMap<>(measures)
                      .forEach((name, value) -> line.put(name + "@" + n, value)));
      out.println(JsonMapper.builder().build().writeValueAsString(line));
    } else {
      table(result).forEach(out::println);
      result
          .agreement()
          .ifPresent(value -> out.println(String.format(Locale.ROOT, "agreement %.4f", value)));
    }
    out.flush();
  }

  private static List<String> table(BestOfRuns.Result result) {
    Set<String> names = new LinkedHashSet<>();
    result.measures().values().forEach(measures -> names.addAll(measures.keySet()));
    List<String> header = new ArrayList<>(List.of("n"));
    header.addAll(names);
    TextTable table = new TextTable(header.toArray(String[]::new));
    result
        .measures()
        .forEach(
            (n, measures) -> {
              List<String> cells = new ArrayList<>(List.of(Integer.toString(n)));
              for (String name : names) {
                cells.add(
                    measures.containsKey(name)
                        ? String.format(Locale.ROOT, "%.4f", measures.get(name))
                        : "-");
              }
              table.add(cells.toArray(String[]::new));
            });
    return table.lines();
  }
}
