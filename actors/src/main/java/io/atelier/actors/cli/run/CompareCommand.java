package io.atelier.actors.cli.run;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.TextTable;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.VoteTable;
import io.atelier.actors.people.WinShare;
import io.atelier.actors.run.folder.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "compare",
    description = "Shows the votes of people who compared pictures of runs blind.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "The votes are in preferences.jsonl of the run that was opened first. share is that of wins in",
      "the pairs without a tie, with Wilson's interval at 95 %%; p is that of the sign test.",
      "",
      "Examples:",
      "  ./atelier view runs                       # open the address, then: judge blind",
      "  ./atelier compare runs/001",
      "  ./atelier compare runs/001 runs/002",
    })
public final class CompareCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "RUN", description = "The run folder with the votes.")
  private Path run;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OTHER",
      description = "The run that it was compared with (default: all of these).")
  private Optional<Path> other = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Path file = RunFolder.existing(run).root().resolve(PeopleFiles.PREFERENCES);
    Optional<String> name = other.map(CompareCommand::name);
    List<VoteTable.Row> rows =
        VoteTable.of(
            PeopleFiles.votes(file).stream()
                .filter(vote -> name.isEmpty() || name.get().equals(vote.b().run()))
                .toList());
    PrintWriter out = spec.commandLine().getOut();
    if (rows.isEmpty()) {
      String folders = other.map(folder -> run + " " + folder).orElse(run.toString());
      out.println("nobody has compared them yet: ./atelier view %s".formatted(folders));
      return ExitCode.DONE;
    }
    TextTable table =
        new TextTable(
            "against", "who", "won", "lost", "ties", "share", "95 %", "p", "same", "to go");
    String before = "";
    for (VoteTable.Row row : rows) {
      String what = row.a() + " : " + row.b();
      table.add(cells(what.equals(before) ? "" : what, row));
      before = what;
    }
    table.lines().forEach(out::println);
    return ExitCode.DONE;
  }

  private static String name(Path folder) {
    return String.valueOf(
        RunFolder.existing(folder).root().toAbsolutePath().normalize().getFileName());
  }

  private static String[] cells(String what, VoteTable.Row row) {
    WinShare share = row.share();
    return new String[] {
      what,
      row.who().map(who -> who.isEmpty() ? "no name" : who).orElse("all"),
      Integer.toString(share.wins()),
      Integer.toString(share.losses()),
      Integer.toString(share.ties()),
      share.share().map(CompareCommand::number).orElse("-"),
      share.interval().map(i -> number(i.low()) + "-" + number(i.high())).orElse("-"),
      share.signTest().map(CompareCommand::number).orElse("-"),
      row.repeats() == 0 ? "-" : "%d of %d".formatted(row.same(), row.repeats()),
      Integer.toString(share.pairsToGo()),
    };
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
