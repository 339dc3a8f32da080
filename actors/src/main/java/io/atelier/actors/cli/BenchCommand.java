package io.atelier.actors.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.api.plan.Benchmark;
import io.atelier.actors.api.plan.Speeds;
import io.atelier.actors.bench.Broadcasts;
import io.atelier.actors.bench.LedgerLoad;
import io.atelier.actors.cli.console.Doing;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.ModelOption;
import io.atelier.actors.port.Clock;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.DiffusionModel;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "bench",
    description = "Measures the speed of sampling, training, sending weights, or the conductor.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "sampling: one group of images with the adapter merged, network and autoencoder; images/s.",
      "training: forward, backward and optimizer update on one group; samples x trained steps/s.",
      "broadcast: weights to other processes of this machine, by shared memory, by Aeron as between",
      "hosts, by plain TCP and by messages of Akka (at most three rounds, it is slow), and a copy by one",
      "thread before each round by shared memory; GB/s to each receiver, and CPU seconds per GB of the",
      "sender and of a receiver. More --repeats make small weights comparable. Progress goes to",
      "standard error; by default it takes about a minute and a half on two cores, mostly to start",
      "the processes. A row says when the JVMs were still compiling.",
      "On a machine with few processors the kernel may leave sender and receiver on one of them while",
      "another is idle; --pin keeps them apart.",
      "conductor: cost of the decisions for many workers on the leading node; events per second of a",
      "simulated run, microseconds per event and per heartbeat that changes nothing, share of a core.",
      "Results of sampling and training are kept in the cache: plan estimates the time of a step from",
      "them. The text is encoded beforehand. OMP_WAIT_POLICY=PASSIVE helps beside other busy programs.",
      "",
      "Examples:",
      "  ./atelier bench sampling --model emoji64 --json",
      "  ./atelier bench training --model emoji64 --json --group 8 --threads 2",
      "  ./atelier bench broadcast --json --megabytes 64,512 --receivers 1,2,4 --warm-up 30",
      "  ./atelier bench broadcast --pin --receivers 1",
      "  ./atelier bench conductor --workers 512,4096",
    })
final class BenchCommand implements Callable<Integer> {

  private static final int MIB = 1 << 20;

  /** Each is a separate process. */
  private static final int MOST_RECEIVERS = 256;

  /** More than any cluster has. */
  private static final int MOST_WORKERS = 100_000;

  private static final List<String> OF_BROADCASTS =
      List.of("--megabytes", "--receivers", "--warm-up", "--pin");

  private static final List<String> OF_CONDUCTORS = List.of("--workers", "--seconds");

  private static final List<String> OF_IMAGES =
      List.of(
          "--model",
          "--group",
          "--steps",
          "--trained",
          "--guidance",
          "--rank",
          "--pixels",
          "--threads",
          "--device",
          "--compute",
          "--storage");

  /** Kinds of measurement. */
  enum Kind {
    SAMPLING,
    TRAINING,
    BROADCAST,
    CONDUCTOR
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
      description = "Measurements, after some to warm up (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int repeats;

  @Option(
      names = "--megabytes",
      split = ",",
      description = "Sizes of the weights that are sent, in MiB (default: ${DEFAULT-VALUE}).",
      defaultValue = "64")
  private List<Integer> megabytes;

  @Option(
      names = "--receivers",
      split = ",",
      description = "Numbers of processes that weights are sent to (default: ${DEFAULT-VALUE}).",
      defaultValue = "1,4")
  private List<Integer> receivers;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description =
          "For broadcast: start to measure after this time at the latest, even if the JVMs are still"
              + " compiling (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int warmUp;

  @Option(
      names = "--pin",
      description =
          "Keep the sender on one half of the processors and the receivers on the other, as on"
              + " separate hosts.")
  private boolean pin;

  @Option(
      names = "--workers",
      split = ",",
      description = "Numbers of workers that a conductor leads (default: ${DEFAULT-VALUE}).",
      defaultValue = "512,4096")
  private List<Integer> workers;

  @Option(
      names = "--seconds",
      description = "Simulated time, for conductor (default: ${DEFAULT-VALUE}).",
      defaultValue = "120")
  private int seconds;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    if (kind != Kind.BROADCAST) {
      refuse(OF_BROADCASTS);
    }
    if (kind == Kind.BROADCAST || kind == Kind.CONDUCTOR) {
      refuse(OF_IMAGES);
    }
    if (kind == Kind.CONDUCTOR) {
      refuse(List.of("--repeats"));
      return conductor();
    }
    refuse(OF_CONDUCTORS);
    require("--repeats", repeats, 1, Integer.MAX_VALUE);
    if (kind == Kind.BROADCAST) {
      return broadcast();
    }
    requireSizes();
    PipelineFolder folder = Assembly.model(model.name(), engine.types());
    requireDrawn(folder);
    engine.start(folder);
    Benchmark.Sizes sizes =
        new Benchmark.Sizes(group, steps, trained, guidance, rank, pixels, repeats);
    Benchmark benchmark = new Benchmark(folder, sizes, Clock.system());
    Benchmark.Result result = kind == Kind.SAMPLING ? benchmark.sampling() : benchmark.training();
    Speeds.here().keep(Speeds.of(result, folder, Clock.system().epochMillis()));
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
    return ExitCode.DONE;
  }

  /** An option that would change nothing is an error. */
  private void refuse(List<String> options) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw wrong(
            "%s has no effect on bench %s; leave it out"
                .formatted(option, kind.name().toLowerCase(Locale.ROOT)));
      }
    }
  }

  /** Checks the sizes by the rules of a run; messages name the options. */
  private void requireSizes() {
    require("--group", group, 1, GroupNoise.SAMPLES_MAX);
    require("--steps", steps, 2, GroupNoise.DENOISING_STEPS_MAX);
    require("--trained", trained, 1, steps - 1); // the last step is never trained
    require("--rank", rank, 1, Integer.MAX_VALUE);
    if (!(guidance >= 1) || Double.isInfinite(guidance)) {
      throw wrong("--guidance %s must be at least 1, which is none".formatted(guidance));
    }
  }

  private void requireDrawn(PipelineFolder folder) {
    try {
      DiffusionModel.latentShape(folder.transformerConfig(), folder.vaeConfig(), pixels, pixels);
    } catch (IllegalArgumentException e) {
      throw wrong("--pixels %d: %s".formatted(pixels, e.getMessage()));
    }
  }

  private void require(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw wrong(
          "%s %d must be %s"
              .formatted(
                  option,
                  value,
                  most == Integer.MAX_VALUE
                      ? "at least " + least
                      : "%d to %d".formatted(least, most)));
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }

  private int conductor() throws JsonProcessingException {
    workers.forEach(count -> require("--workers", count, 4, MOST_WORKERS));
    require("--seconds", seconds, 10, Integer.MAX_VALUE);
    Doing doing = new Doing(spec.commandLine().getErr(), Clock.system());
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int count : workers) {
      doing.accept("%d workers for %d s of simulated time".formatted(count, seconds));
      LedgerLoad.Row row = LedgerLoad.measure(count, seconds, Clock.system());
      rows.add(row.asMap());
      print(row.text(), doing);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("bench", "conductor");
    result.put("seconds", seconds);
    return done(result, rows, doing);
  }

  private int broadcast() throws JsonProcessingException {
    megabytes.forEach(size -> require("--megabytes", size, 1, Integer.MAX_VALUE / MIB));
    receivers.forEach(count -> require("--receivers", count, 1, MOST_RECEIVERS));
    require("--warm-up", warmUp, 0, Integer.MAX_VALUE);
    Doing doing = new Doing(spec.commandLine().getErr(), Clock.system());
    Broadcasts broadcasts =
        new Broadcasts(repeats, Duration.ofSeconds(warmUp), pin, Clock.system(), doing);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int size : megabytes) {
      broadcasts.measure(
          size * MIB,
          receivers,
          row -> {
            rows.add(row.asMap());
            print(row.text(), doing);
          });
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("bench", "broadcast");
    result.put("unit", "gigabytes_per_s");
    result.put("repeats", repeats);
    result.put("pinned", pin);
    return done(result, rows, doing);
  }

  /** Prints a row as soon as it is measured; JSON is printed at the end. */
  private void print(String row, Doing doing) {
    if (!json) {
      doing.done();
      PrintWriter out = spec.commandLine().getOut();
      out.println(row);
      out.flush();
    }
  }

  private int done(Map<String, Object> result, List<Map<String, Object>> rows, Doing doing)
      throws JsonProcessingException {
    doing.done();
    if (json) {
      result.put("rows", rows);
      spec.commandLine().getOut().println(JsonMapper.builder().build().writeValueAsString(result));
    }
    return ExitCode.DONE;
  }
}
