package io.atelier.actors.cli.cluster;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.AdminOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "resume",
    description = "Lets a paused cluster give out work again.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "To continue a run that has ended or was interrupted: ./atelier train --resume DIR",
      "",
      "Example, on a machine of the cluster:",
      "  ./atelier resume --admin 127.0.0.1:25580",
    })
public final class ResumeCommand implements Callable<Integer> {

  @Mixin private AdminOption admin;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(admin.post("/resume"));
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
