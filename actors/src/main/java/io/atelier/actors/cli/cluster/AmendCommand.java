package io.atelier.actors.cli.cluster;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.AdminOption;
import io.atelier.actors.config.section.InvalidConfigException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "amend",
    description = "Changes a value of a run in progress from the next step on.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Weights of rewards that are scored, learner.learning-rate and critic.every may be amended. The",
      "ledger and amendments.jsonl of the run folder have it, with the step; another run does the",
      "same by run.amendments=runs/001/amendments.jsonl, and ./atelier verify checks it.",
      "",
      "Examples:",
      "  ./atelier amend reward.jpeg.weight=0.5 --why \"images get too smooth\"",
      "  ./atelier amend learner.learning-rate=1e-4 --admin 10.0.0.1:25580",
    })
public final class AmendCommand implements Callable<Integer> {

  @Parameters(paramLabel = "KEY=VALUE", description = "Key to change, and its new value.")
  private String change;

  @Option(
      names = "--why",
      paramLabel = "TEXT",
      description = "The reason, for people who read of it later.",
      defaultValue = "")
  private String why;

  @Mixin private AdminOption admin;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    int equals = change.indexOf('=');
    if (equals < 1) {
      throw new InvalidConfigException(
          "%s must be KEY=VALUE, as in learner.learning-rate=1e-4".formatted(change));
    }
    String path =
        "/amend?key=%s&value=%s&why=%s"
            .formatted(
                encoded(change.substring(0, equals)),
                encoded(change.substring(equals + 1)),
                encoded(why));
    spec.commandLine().getOut().print(admin.post(path));
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text.strip(), StandardCharsets.UTF_8);
  }
}
