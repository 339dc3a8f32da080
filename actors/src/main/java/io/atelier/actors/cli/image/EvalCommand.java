package io.atelier.actors.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.LoraOption;
import io.atelier.actors.cli.option.ModelOption;
import io.atelier.actors.cli.option.RewardOptions;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.compute.BaseQuality;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.learner.grpo.FirstWeights;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.Encoder;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "eval",
    description = "Measures a model by networks that no reward uses.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./atelier eval",
      "  ./atelier eval --lora runs/001 --grid grid.png",
      "  ./atelier eval --lora my-lora --json evaluation.prompts=200 evaluation.seed=2",
      "  ./atelier eval --base",
    })
public final class EvalCommand implements Callable<Integer> {

  /** The mixture that the embedded base is trained on, see {@code pretrain}. */
  private static final Map<EmojiStyle, Double> MIXTURE =
      new EnumMap<>(Map.of(EmojiStyle.FLAT, 0.4, EmojiStyle.NOTO, 0.4, EmojiStyle.THREE_D, 0.2));

  private static final String SETTINGS = "data.*, rollout.height, rollout.width and evaluation.*";

  private static final Pattern USED =
      Pattern.compile("(data|evaluation)(\\..*)?|rollout\\.(height|width)");

  private static final String BASE_SETTINGS = "evaluation.steps and evaluation.guidance";

  private static final Pattern USED_BY_BASE = Pattern.compile("evaluation\\.(steps|guidance)");

  private static final int MOST_SAMPLES = 100_000;

  @Mixin private ModelOption model;

  @Mixin private LoraOption lora;

  @Mixin private RewardOptions rewards;

  @Option(
      names = "--base",
      description = "Measure the model as a base: autoencoder, distance to what it was trained on.")
  private boolean base;

  @Option(
      names = "--samples",
      description = "Images that --base draws (default: ${DEFAULT-VALUE}).",
      defaultValue = "1000")
  private int samples;

  @Option(
      names = "--grid",
      paramLabel = "F.png",
      description = "Where to write some of the images: .png, or .jpg of high quality.")
  private Optional<Path> grid;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Parameters(paramLabel = "key=value", description = "Settings as of a run: " + SETTINGS + ".")
  private List<String> overrides = new ArrayList<>();

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    if (base && (grid.isPresent() || lora.isPresent() || rewards.isPresent())) {
      throw new ParameterException(
          spec.commandLine(),
          "--base measures the model alone and makes no grid; leave out --lora, --grid and"
              + " --reward");
    }
    if (!base && spec.commandLine().getParseResult().hasMatchedOption("--samples")) {
      throw new ParameterException(
          spec.commandLine(), "--samples is of --base; without it give evaluation.prompts=N");
    }
    requireUsed();
    grid.ifPresent(file -> Outputs.requirePicture(spec, "--grid", file));
    List<String> settings = new ArrayList<>(overrides);
    settings.add("model.path=" + model.name()); // its own image size is the default
    TrainConfig config = TrainConfig.load(TrainConfig.DEFAULT_PRESET, List.of(), settings);
    PipelineFolder folder = Assembly.model(model.name(), engine.types());
    if (base) {
      Assembly.requireText(folder);
      print(measureBase(folder, config));
      return ExitCode.DONE;
    }
    EvaluationReport.Result result = measure(folder, config);
    print(result.metrics()); // before the grid, which may fail
    grid.ifPresent(
        file ->
            Pictures.writeGrid(
                result.images(), result.prompts().stream().map(Prompt::text).toList(), file));
    return ExitCode.DONE;
  }

  /** A setting that would change nothing is an error. */
  private void requireUsed() {
    for (String override : overrides) {
      String key = override.split("=", 2)[0].strip();
      if (!(base ? USED_BY_BASE : USED).matcher(key).matches()) {
        throw new ParameterException(
            spec.commandLine(),
            base
                ? "%s changes nothing that --base measures; it takes %s, and --model"
                    .formatted(override, BASE_SETTINGS)
                : "%s changes nothing that eval measures; it takes %s, and --model and --lora"
                    .formatted(override, SETTINGS));
      }
    }
  }

  private void print(Map<String, Double> measured) throws JsonProcessingException {
    Map<String, Double> metrics = new TreeMap<>(measured);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(metrics));
    } else {
      metrics.forEach(
          (name, value) -> out.println(String.format(Locale.ROOT, "%-22s %.4f", name, value)));
    }
    out.flush();
  }

  private Map<String, Double> measureBase(PipelineFolder folder, TrainConfig config) {
    if (samples < 2 || samples > MOST_SAMPLES) {
      throw new ParameterException(
          spec.commandLine(), "--samples %d must be 2 to %d".formatted(samples, MOST_SAMPLES));
    }
    engine.start(folder);
    return BaseQuality.measure(
        folder,
        encoder(config).get(),
        MIXTURE,
        samples,
        config.evaluation().steps(),
        config.evaluation().guidance());
  }

  private EvaluationReport.Result measure(PipelineFolder folder, TrainConfig config) {
    TrainedWeights weights =
        lora.weights(model.name(), folder)
            .orElseGet(() -> untrained(folder, config.model().adapter()));
    TrainingData data = Assembly.data(config);
    HeldOutEvaluation.Settings settings =
        Assembly.settings(config, data)
            .asking(rewards.target(folder, config.evaluation().guidance()));
    Captions.check(
        folder, data.heldOut().prompts(), ComputeFactory.T5_LENGTH, config.data().tooLong());
    engine.start(folder);
    Supplier<Encoder> encoder = encoder(config);
    try (Evaluation evaluation =
        new HeldOutEvaluation(
            folder, weights.part(), settings, data.heldOut(), encoder, engine.count())) {
      return evaluation.evaluate(0, weights.values());
    }
  }

  private Supplier<Encoder> encoder(TrainConfig config) {
    return Assembly.heldOutEncoder(config, engine.count()).open();
  }

  /** Initial weights, with which an adapter changes nothing. */
  private static TrainedWeights untrained(PipelineFolder folder, AdapterConfig adapter) {
    GroupNoise noise = new GroupNoise(0);
    return new TrainedWeights(
        adapter, FirstWeights.gaussian(folder.transformerConfig(), adapter, noise));
  }
}
