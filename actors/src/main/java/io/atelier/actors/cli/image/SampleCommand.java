package io.atelier.actors.cli.image;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Interrupts;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.option.DrawOptions;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.LoadedModel;
import io.atelier.actors.cli.option.LoraOption;
import io.atelier.actors.cli.option.ModelOption;
import io.atelier.actors.cli.option.RewardOptions;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.config.run.TooLong;
import io.atelier.actors.people.Sample;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.sampler.ImageSampler;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "sample",
    description = "Draws an image of a prompt, or what a run has made of it.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "With --run the prompt is drawn four times with the run's base and four times with its newest",
      "checkpoint, from the same noise, in the size and with the steps and the guidance of the run's",
      "evaluations. The images are kept in samples/ of the run folder, and the run's page shows them.",
      "The run may go on meanwhile; a second model takes memory beside it.",
      "",
      "Examples:",
      "  ./atelier sample --prompt \"red apple\" --out apple.png",
      "  ./atelier sample --lora runs/001 --prompt \"red apple\" --seed 7 --out apple.png",
      "  ./atelier sample --run runs/001 --prompt \"red apple\" --seed 7",
      "  ./atelier sample --model /models/sd35 --prompt \"a fox\" --steps 40 --guidance 4.5 --out"
          + " f.png",
      "  ./atelier sample --model emoji64 --print-model",
    })
public final class SampleCommand implements Callable<Integer> {

  /** What a run has itself. */
  private static final List<String> OF_THE_RUN =
      List.of(
          "--model",
          "--lora",
          "--average",
          "--steps",
          "--guidance",
          "--height",
          "--width",
          "--t5-length",
          "--compute",
          "--storage",
          "--reward",
          "--reward-negative",
          "--negative-keeps-text",
          "--out",
          "--latents-out",
          "--print-model");

  @Mixin private ModelOption model;

  @Mixin private LoraOption lora;

  @Option(names = "--prompt", paramLabel = "P", description = "What to draw.")
  private Optional<String> prompt;

  @Mixin private DrawOptions drawing;

  @Mixin private RewardOptions rewards;

  @Option(
      names = "--out",
      paramLabel = "F.png",
      description = "Where to write the image: .png, or .jpg of high quality.")
  private Optional<Path> out;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "Draw with the base and the newest checkpoint of this run, into its folder.")
  private Optional<Path> run;

  @Option(
      names = "--latents-out",
      paramLabel = "F.safetensors",
      description = "Where to write the first and last latents: tensors initial and final.")
  private Optional<Path> latentsOut;

  @Option(names = "--print-model", description = "Print the folder of the model, and draw nothing.")
  private boolean printModel;

  @Option(
      names = "--stop-with-input",
      description = "End when standard input ends: for a program that starts this one.")
  private boolean stopWithInput;

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (stopWithInput) {
      Interrupts.atEndOfInput(() -> Runtime.getRuntime().halt(ExitCode.INTERRUPTED));
    }
    if (run.isPresent()) {
      return ofRun(run.get());
    }
    PipelineFolder folder = Assembly.model(model.name(), engine.types());
    if (printModel) {
      spec.commandLine().getOut().println(folder.root().toAbsolutePath().normalize());
      return ExitCode.DONE;
    }
    String text = required(prompt, "--prompt");
    Path image = required(out, "--out");
    Outputs.requirePicture(spec, "--out", image);
    latentsOut.ifPresent(file -> Outputs.requireSafetensors(spec, "--latents-out", file));
    ImageSampler.Settings settings = settings(folder, text);
    try (LoadedModel loaded =
        new LoadedModel(
            model.name(), lora.weights(model.name(), folder), drawing.t5Length(), engine)) {
      ImageSampler.Drawn drawn =
          loaded.sampler().draw(drawing.noise(), new GroupId(0, 0), text, settings);
      try {
        Pictures.write(drawn.images(), 0, image);
      } finally { // latents are kept even if the image cannot be written
        latentsOut.ifPresent(file -> writeLatents(drawn, file));
      }
    }
    return ExitCode.DONE;
  }

  private int ofRun(Path folder) {
    for (String option : OF_THE_RUN) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            spec.commandLine(),
            "%s does not go with --run, which draws as the run's evaluations do; leave it out"
                .formatted(option));
      }
    }
    String text = required(prompt, "--prompt");
    Sample sample;
    try {
      sample = RunSample.draw(folder, text, drawing.seed(), engine, Clock.system());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("by the base   " + files(folder, sample.files(true)));
    out.println(
        "after step %-2d %s".formatted(sample.checkpoint(), files(folder, sample.files(false))));
    return ExitCode.DONE;
  }

  private static String files(Path folder, List<String> names) {
    return names.stream()
        .map(name -> folder.resolve(name).toString())
        .collect(Collectors.joining(" "));
  }

  private ImageSampler.Settings settings(PipelineFolder folder, String text) {
    try {
      ImageSampler.Settings plain = drawing.settings(folder, 1);
      ImageSampler.Settings settings = plain.asking(rewards.target(folder, plain.guidance()));
      Captions.check(folder, List.of(new Prompt(0, text)), drawing.t5Length(), TooLong.FAIL);
      return settings;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private <T> T required(Optional<T> value, String option) {
    return value.orElseThrow(
        () ->
            new ParameterException(
                spec.commandLine(), "Missing required option: '%s'".formatted(option)));
  }

  private static void writeLatents(ImageSampler.Drawn drawn, Path file) {
    long[] shape = {1, drawn.shape()[0], drawn.shape()[1], drawn.shape()[2]};
    new SafetensorsWriter()
        .add("initial", shape, drawn.initial())
        .add("final", shape, drawn.end())
        .write(file);
  }
}
