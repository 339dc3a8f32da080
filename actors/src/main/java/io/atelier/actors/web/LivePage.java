package io.atelier.actors.web;

import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.Terminal;
import io.atelier.actors.web.view.RunShelf;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page of a run whose conductor is in this process; it reads the run folder as any other page
 * does. If it cannot be served, the run goes on without it.
 */
public final class LivePage implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LivePage.class);
  private static final String HOST = "127.0.0.1";

  private final Optional<PageServer> server;

  private LivePage(Optional<PageServer> server) {
    this.server = server;
  }

  /**
   * Opens it, and prints its address. A token of an earlier page of this folder is no longer valid.
   *
   * @param wanted port; 0 for any that is free, -1 for no page
   * @param actions what the run can do
   * @param where told the address, without the token that steers the run
   */
  public static LivePage of(
      IntSupplier wanted,
      RunFiles files,
      RunActions actions,
      Consumer<String> where,
      Terminal terminal) {
    try {
      int port = wanted.getAsInt();
      if (port < 0) {
        return none();
      }
      RunShelf shelf = new RunShelf(List.of(files.root()));
      Steering steering = Steering.of(files.token(), actions);
      PageServer server =
          PageServer.start(HOST, port, false, shelf, Optional.of(steering), Clock.system());
      terminal.line("look at %s/%s".formatted(server.url(), steering.fragment()));
      where.accept(server.url());
      return new LivePage(Optional.of(server));
    } catch (RuntimeException e) {
      LOG.info("the run has no page", e);
      terminal.line(
          "no page: %s; or set page.port=-1"
              .formatted(Optional.ofNullable(e.getMessage()).orElse(e.toString())));
      return none();
    }
  }

  public static LivePage none() {
    return new LivePage(Optional.empty());
  }

  /** Returns the address for a browser; empty if there is no page. */
  public Optional<String> url() {
    return server.map(PageServer::url);
  }

  @Override
  public void close() {
    server.ifPresent(PageServer::close);
  }
}
