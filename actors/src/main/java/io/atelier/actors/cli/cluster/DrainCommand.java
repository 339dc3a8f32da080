package io.atelier.actors.cli.cluster;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.AdminOption;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "drain",
    description = "Has a node hand back its work and leave a running cluster.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The run goes on without the node; its process ends with exit code 0. Nothing is lost: what it",
      "worked on is given to others.",
      "",
      "Example, on a machine of the cluster:",
      "  ./atelier drain 10.0.0.7:25520 --admin 127.0.0.1:25580",
    })
public final class DrainCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "NODE",
      description = "Its HOST:PORT in the cluster, as ./atelier status shows it.")
  private String node;

  @Mixin private AdminOption admin;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    String query = "/drain?node=" + URLEncoder.encode(node, StandardCharsets.UTF_8);
    spec.commandLine().getOut().print(admin.post(query));
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
