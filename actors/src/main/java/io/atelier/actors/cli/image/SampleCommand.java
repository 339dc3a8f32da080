package io.atelier.actors.cli.image;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.option.DrawOptions;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.LoadedModel;
import io.atelier.actors.cli.option.LoraOption;
import io.atelier.actors.cli.option.ModelOption;
import io.atelier.actors.cli.option.RewardOptions;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.config.run.TooLong;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.sampler.ImageSampler;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "sample",
    description = "Draws an image of a prompt.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./atelier sample --prompt \"red apple\" --out apple.png",
      "  ./atelier sample --lora runs/001 --prompt \"red apple\" --seed 7 --out apple.png",
      "  ./atelier sample --model /models/sd35 --prompt \"a fox\" --steps 40 --guidance 4.5 --out"
          + " f.png",
      "  ./atelier sample --model emoji64 --print-model",
    })
public final class SampleCommand implements Callable<Integer> {

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
      names = "--latents-out",
      paramLabel = "F.safetensors",
      description = "Where to write the first and last latents: tensors initial and final.")
  private Optional<Path> latentsOut;

  @Option(names = "--print-model", description = "Print the folder of the model, and draw nothing.")
  private boolean printModel;

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
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
