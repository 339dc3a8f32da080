package io.atelier.actors.cli.run;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Interrupts;
import io.atelier.actors.port.Clock;
import io.atelier.actors.web.PageServer;
import io.atelier.actors.web.Steering;
import io.atelier.actors.web.view.RunShelf;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "view",
    description = "Shows runs in a browser, those in progress and those that are over.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Anyone who reaches the port sees the runs, so it listens on this machine alone; look at a run",
      "on another machine through ssh -L. Anyone with the token in the address can label pictures",
      "and judge pairs, which are written into the run folders; nothing else is changed.",
      "",
      "Examples:",
      "  ./atelier view runs",
      "  ./atelier view runs/001 runs/002 --port 8080",
      "  ssh -L 25600:127.0.0.1:25600 trainer ./atelier view runs",
      "",
      "Ctrl-C ends it.",
    })
public final class ViewCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "RUNS",
      arity = "1..*",
      description = "Run folders, or folders with run folders in them.")
  private List<Path> folders;

  @Option(
      names = "--port",
      paramLabel = "N",
      description =
          "TCP port; 0 for any that is free (default: 25600, or the next one that is free).")
  private Optional<Integer> port = Optional.empty();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "Address to listen at (default: 127.0.0.1). At any other everybody who reaches it sees the"
              + " runs.")
  private String host = "127.0.0.1";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    RunShelf shelf = new RunShelf(folders);
    Optional<Steering> opinions =
        shelf.isWritable() ? Optional.of(Steering.ofOpinions()) : Optional.empty();
    try (PageServer server =
        PageServer.start(
            host,
            port.orElse(PageServer.PORT),
            port.isPresent(),
            shelf,
            opinions,
            Clock.system())) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          "the page is at %s, until Ctrl-C"
              .formatted(server.url() + opinions.map(o -> "/" + o.fragment()).orElse("")));
      out.flush();
      CountDownLatch over = new CountDownLatch(1);
      Interrupts.handle(over::countDown);
      over.await();
    }
    return ExitCode.DONE;
  }
}
