package io.atelier.actors.cli.model;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.option.Converters;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.compute.DrawingRewards;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.actors.run.record.Terminal;
import io.atelier.learner.pretrain.DrawingScores;
import io.atelier.learner.pretrain.PretrainConfig;
import io.atelier.learner.pretrain.PretrainConfig.Stage;
import io.atelier.learner.pretrain.Pretraining;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "pretrain",
    description = "Makes the embedded base emoji64 from the emoji pack; takes hours.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "A second call with the same folder continues where the first one stopped.",
      "",
      "Examples:",
      "  ./atelier pretrain --out pretrained",
      "  ./atelier pretrain --out told --from emoji64 --rewards style3d,jpeg,sharpness --flow-steps 1500"
          + " --flow-rate 3e-4",
      "  ./atelier pretrain --out tiny --vae-steps 200 --decoder-steps 200 --flow-steps 200",
    })
public final class PretrainCommand implements Callable<Integer> {

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for states, sample grids and, in the end, the pipeline folder model/.")
  private Path out;

  @Option(
      names = "--seed",
      description = "Decides everything random, 0 to 2^64 - 1 (default: emoji64's).",
      converter = Converters.SeedConverter.class)
  private Optional<Long> seed;

  @Option(names = "--vae-steps", description = "Updates of the autoencoder (default: emoji64's).")
  private Optional<Integer> vaeSteps;

  @Option(names = "--decoder-steps", description = "Updates of the decoder (default: emoji64's).")
  private Optional<Integer> decoderSteps;

  @Option(names = "--flow-steps", description = "Updates of the network (default: emoji64's).")
  private Optional<Integer> flowSteps;

  @Option(
      names = "--flow-rate",
      description = "Highest learning rate of the network (default: emoji64's).")
  private Optional<Double> flowRate;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description =
          "Train the network of emoji64, or of a folder that pretrain made, further; its autoencoder"
              + " stays.")
  private Optional<String> from;

  @Option(
      names = "--rewards",
      paramLabel = "NAME",
      split = ",",
      description =
          "Condition the network on rewards of the drawings, so that sample --reward can ask for"
              + " them: any of style3d, jpeg and sharpness.")
  private List<String> rewards = List.of();

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (from.isPresent() && (vaeSteps.isPresent() || decoderSteps.isPresent())) {
      throw new ParameterException(
          spec.commandLine(),
          "--vae-steps and --decoder-steps train an autoencoder, and with --from it stays as it is;"
              + " leave them out");
    }
    for (String option : List.of("--compute", "--storage")) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            spec.commandLine(),
            "%s has no effect on pretrain, which computes in float32; leave it out"
                .formatted(option));
      }
    }
    Outputs.requireFolder(out);
    requireKnown();
    Optional<PipelineFolder> start = from.map(name -> Assembly.model(name, ModelTypes.DEFAULT));
    start.ifPresent(Assembly::requireText);
    PretrainConfig base = PretrainConfig.emoji64();
    PretrainConfig config =
        new PretrainConfig(
            seed.orElse(base.seed()),
            stage(base.vae(), vaeSteps),
            stage(base.decoder(), decoderSteps),
            new Stage(
                flowSteps.orElse(base.flow().steps()),
                base.flow().batch(),
                flowRate.orElse(base.flow().rate())),
            base.textTokens(),
            start.map(PipelineFolder::root));
    engine.start();
    Terminal terminal = Terminal.standard(spec.commandLine().getOut());
    Path model =
        new Pretraining(config, out, new Shown(out, terminal, Clock.system()), scores()).run();
    terminal.done();
    terminal.line("done: " + model);
    return ExitCode.DONE;
  }

  private void requireKnown() {
    try {
      DrawingRewards.require(rewards);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--rewards: " + e.getMessage(), e);
    }
  }

  private List<DrawingScores> scores() {
    return DrawingRewards.score(rewards, EmojiPack.load(), engine.count());
  }

  private static Stage stage(Stage base, Optional<Integer> steps) {
    return new Stage(steps.orElse(base.steps()), base.batch(), base.rate());
  }

  /** Shows progress and writes sample grids. */
  private static final class Shown implements Pretraining.Progress {

    private static final int LINE_EVERY = 50;

    private final Path folder;
    private final Terminal terminal;
    private final Clock clock;
    private double loss;
    private int count;
    private long since;

    Shown(Path folder, Terminal terminal, Clock clock) {
      this.folder = folder;
      this.terminal = terminal;
      this.clock = clock;
      this.since = clock.nanos();
    }

    @Override
    public void step(String stage, int step, int steps, double value) {
      loss += value;
      count++;
      terminal.progress(step, steps, stage);
      if (step % LINE_EVERY == 0 || step == steps) {
        double seconds = (clock.nanos() - since) / 1e9;
        terminal.line(
            String.format(
                Locale.ROOT,
                "%s %d/%d  loss %.4f  %.2f s/step",
                stage,
                step,
                steps,
                loss / count,
                seconds / count));
        loss = 0;
        count = 0;
        since = clock.nanos();
      }
    }

    @Override
    public void measured(String stage, int step, Map<String, Double> values) {
      new TreeMap<>(values)
          .forEach(
              (name, value) ->
                  terminal.line(
                      String.format(Locale.ROOT, "%s %d  %s %.3f", stage, step, name, value)));
    }

    @Override
    public void grid(String stage, int step, Images images, List<String> captions) {
      Path file = folder.resolve(String.format(Locale.ROOT, "images/%s-%06d.png", stage, step));
      try {
        Files.createDirectories(file.getParent());
      } catch (IOException e) {
        throw new WriteFailedException(file, e);
      }
      List<String> texts = captions.isEmpty() ? Collections.nCopies(images.count(), "") : captions;
      Pictures.writeGrid(images, texts, file);
    }
  }
}
