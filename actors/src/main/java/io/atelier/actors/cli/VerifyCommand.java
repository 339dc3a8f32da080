package io.atelier.actors.cli;

import io.atelier.actors.run.RunFolder;
import io.atelier.actors.run.RunVerification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    description = "Proves from the files of a run that its books balance and its hashes match.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit code 0 only if every group was trained once, dropped with a reason or is open, every",
      "version obeys the schedule, and every file of every checkpoint has its hash.",
      "",
      "Example:",
      "  ./atelier verify runs/001",
    })
final class VerifyCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "The run folder.")
  private Path folder;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RunVerification result = RunVerification.of(RunFolder.existing(folder));
    PrintWriter out = spec.commandLine().getOut();
    result.facts().forEach(out::println);
    if (result.problems().isEmpty()) {
      out.println("verified");
      return Main.DONE;
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println(
        "atelier: %s does not verify, %d problem(s):".formatted(folder, result.problems().size()));
    result.problems().forEach(problem -> err.println("  " + problem));
    return Main.FAILED;
  }
}
