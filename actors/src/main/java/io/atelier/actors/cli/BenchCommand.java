package io.atelier.actors.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.Clock;
import io.atelier.actors.api.Assembly;
import io.atelier.actors.api.Benchmark;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "bench",
    description = "Measures the speed of sampling or of training.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "sampling: one group of images with the adapter merged, network and autoencoder; images/s.",
      "training: forward, backward and optimizer update on one group; samples x trained steps/s.",
      "The text is encoded beforehand. Set OMP_WAIT_POLICY=PASSIVE on a busy machine.",
      "",
      "Examples:",
      "  ./atelier bench sampling --model emoji64 --json",
      "  ./atelier bench training --model emoji64 --json --group 8 --threads 2",
    })
final class BenchCommand implements Callable<Integer> {

  /** What is measured. */
  enum Kind {
    SAMPLING,
    TRAINING
  }

  @Parameters(paramLabel = "KIND", description = "${COMPLETION-CANDIDATES}")
  private Kind kind;

  @Mixin private ModelOption model;

  @Option(
      names = "--group",
      description = "Images of the prompt (default: ${DEFAULT-VALUE}).",
      defaultValue = "8")
  private int group;

  @Option(
      names = "--steps",
      description = "Denoising steps (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  private int steps;

  @Option(
      names = "--trained",
      description = "Denoising steps that are trained (default: ${DEFAULT-VALUE}).",
      defaultValue = "2")
  private int trained;

  @Option(
      names = "--guidance",
      description = "Guidance scale (default: ${DEFAULT-VALUE}).",
      defaultValue = "4.5")
  private double guidance;

  @Option(
      names = "--rank",
      description = "Rank of the adapter (default: ${DEFAULT-VALUE}).",
      defaultValue = "32")
  private int rank;

  @Option(
      names = "--pixels",
      description = "Rows and columns of an image (default: ${DEFAULT-VALUE}).",
      defaultValue = "64")
  private int pixels;

  @Option(
      names = "--repeats",
      description = "Measurements, after three to warm up (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int repeats;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Mixin private ThreadsOption threads;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    PipelineFolder folder = Assembly.model(model.name());
    Torch.start(threads.count());
    Benchmark.Sizes sizes =
        new Benchmark.Sizes(group, steps, trained, guidance, rank, pixels, repeats);
    Benchmark benchmark = new Benchmark(folder, sizes, Clock.system());
    Benchmark.Result result = kind == Kind.SAMPLING ? benchmark.sampling() : benchmark.training();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        json
            ? JsonMapper.builder().build().writeValueAsString(result.asMap())
            : String.format(
                Locale.ROOT,
                "%s: median %.2f %s (%.2f to %.2f)",
                result.bench(),
                result.median(),
                result.unit().replace("_per_s", "/s").replace('_', '-'),
                result.min(),
                result.max()));
    return Main.DONE;
  }
}
