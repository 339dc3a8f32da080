package io.atelier.actors.cli.cluster;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.AdminOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "pause",
    description = "Stops a running cluster from giving out work until it is resumed.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Groups that are being drawn or scored are finished, and a step whose groups are complete is",
      "trained. A new leader, after the old one died, begins without a pause.",
      "",
      "Example, on a machine of the cluster:",
      "  ./atelier pause --admin 127.0.0.1:25580",
    })
public final class PauseCommand implements Callable<Integer> {

  @Mixin private AdminOption admin;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(admin.post("/pause"));
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
