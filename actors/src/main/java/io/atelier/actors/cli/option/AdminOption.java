package io.atelier.actors.cli.option;

import io.atelier.actors.cli.console.Failures;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.transport.HostPort;
import io.atelier.actors.web.AdminToken;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The node of a running cluster that a command asks; any node will do. */
public final class AdminOption {

  private static final Duration CONNECT = Duration.ofSeconds(3);

  /** Longer than a node waits for its conductor. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description =
          "Admin address of a node: its cluster.admin-host and cluster.admin-port, or what it printed"
              + " at its start (default: ${DEFAULT-VALUE}).",
      defaultValue = "127.0.0.1:25580")
  private String address;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "A copy of that node's token file; commands need the token. Found automatically for nodes"
              + " of this user on this machine, otherwise also taken from the environment as"
              + " ATELIER_ADMIN_TOKEN.")
  private Path tokenFile;

  public String get(String path) {
    return send("GET", path, Optional.empty());
  }

  /** Sends a command to a node, with the node's token. */
  public String post(String path) {
    URI node = uri(address, path);
    return send(
        "POST",
        path,
        tokenFile == null
            ? AdminToken.authorization(
                HostPort.bare(node.getHost()), node.getPort(), System.getenv())
            : Optional.of(AdminToken.authorization(tokenFile)));
  }

  /** Returns the URI of a path of a node. Fails if the address is invalid. */
  static URI uri(String address, String path) {
    return HostPort.parse(address)
        .map(node -> URI.create("http://" + node + path))
        .filter(node -> node.getHost() != null) // letters, digits, dots and hyphens only
        .orElseThrow(
            () ->
                new InvalidConfigException(
                    "--admin %s must be HOST:PORT, as in 127.0.0.1:25580 or [::1]:25580; a host"
                            .formatted(address)
                        + " name has letters, digits, dots and hyphens, ports are 1 to 65535"));
  }

  /** A node refused a request; it may accept it later. */
  private static final class RefusedException extends RuntimeException {
    RefusedException(String message) {
      super(message);
    }
  }

  /** Returns the answer of a node. Throws an explained error if its status is not 200. */
  private String send(String method, String path, Optional<String> authorization) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(address, path))
            .timeout(ANSWER)
            .method(method, HttpRequest.BodyPublishers.noBody());
    authorization.ifPresent(value -> request.header("Authorization", value));
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    HttpResponse<String> answer;
    try {
      answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      String why = e instanceof ConnectException ? "nothing listens there" : Failures.line(e);
      throw new IllegalArgumentException(
          ("no node answers at %s: %s; name one by --admin HOST:PORT, each prints its address at"
                  + " its start")
              .formatted(address, why),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (answer.statusCode() != 200) {
      throw new RefusedException(
          "the node at %s says: %s".formatted(address, answer.body().strip()));
    }
    return answer.body();
  }
}
