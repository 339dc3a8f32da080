package io.atelier.actors.cli.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.AdminOption;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "status",
    description =
        "Shows the state of a running cluster: steps, nodes, workers, who waits for what.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Any node can be asked. Hashes are of the weights that a worker has proven to hold.",
      "",
      "Examples:",
      "  ./atelier status",
      "  ./atelier status --admin 127.0.0.1:25581 --json",
    })
public final class StatusCommand implements Callable<Integer> {

  @Mixin private AdminOption admin;

  @Option(names = "--json", description = "Print everything as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    String answer = admin.get("/status");
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(answer);
      return ExitCode.DONE;
    }
    JsonNode status = JsonMapper.builder().build().readTree(answer);
    new StatusTable(status).lines().forEach(out::println);
    return ExitCode.DONE;
  }
}
