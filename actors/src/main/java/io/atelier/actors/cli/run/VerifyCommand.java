package io.atelier.actors.cli.run;

import io.atelier.actors.api.Identities;
import io.atelier.actors.api.offline.AdvantageAudit;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.actors.run.record.RunVerification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      "version obeys the schedule, every file of every checkpoint has its hash, the rewards and",
      "advantages of every step follow from its scores, and configuration, model, prompts,",
      "references and program are those of the run. What no longer exists cannot be compared; then it",
      "says so, and not \"verified\".",
      "",
      "Example:",
      "  ./atelier verify runs/001",
    })
public final class VerifyCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "The run folder.")
  private Path folder;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RunFiles files = RunFolder.existing(folder);
    PrintWriter out = spec.commandLine().getOut();
    RunVerification result = RunVerification.of(files);
    result.facts().forEach(out::println);
    AdvantageAudit.Result trained = AdvantageAudit.of(files);
    trained.facts().forEach(out::println);
    Identities.Comparison data = Identities.compare(files, out::println);
    if (!data.same().isEmpty()) {
      out.println("the same     " + String.join(", ", data.same()));
    }
    List<String> unknown = new ArrayList<>(result.missing());
    unknown.addAll(trained.unknown());
    unknown.addAll(data.unknown());
    unknown.forEach(what -> out.println("cannot be compared: " + what));
    List<String> problems = new ArrayList<>(result.problems());
    trained.problems().forEach(what -> problems.add("advantages: " + what));
    data.differences().forEach(what -> problems.add("differs: " + what));
    if (problems.isEmpty()) {
      out.println(
          unknown.isEmpty()
              ? "verified"
              : "the books are right; %d part(s) of the run could not be compared"
                  .formatted(unknown.size()));
      return ExitCode.DONE;
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println("atelier: %s does not verify, %d problem(s):".formatted(folder, problems.size()));
    problems.forEach(problem -> err.println("  " + problem));
    return ExitCode.FAILED;
  }
}
