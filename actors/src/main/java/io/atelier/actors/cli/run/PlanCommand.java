package io.atelier.actors.cli.run;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.plan.RunPlan;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.ConfigOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "plan",
    description = "Says what a run would do: batches, time, lag, memory, bytes. Starts nothing.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Takes what train takes, and fails where train would. Estimates the time of a step once bench has",
      "measured sampling and training under the same conditions; otherwise names the bench options.",
      "",
      "Examples:",
      "  ./atelier plan",
      "  ./atelier plan --config my.conf rollout.group-size=16",
    })
public final class PlanCommand implements Callable<Integer> {

  @Mixin private ConfigOptions config;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RunPlan plan = Atelier.plan(config.load());
    PrintWriter out = spec.commandLine().getOut();
    plan.lines().forEach(out::println);
    return ExitCode.DONE;
  }
}
