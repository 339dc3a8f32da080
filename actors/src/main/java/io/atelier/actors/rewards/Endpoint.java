package io.atelier.actors.rewards;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.ServerConfig;
import io.atelier.models.files.FileException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls one server, with a limit of concurrent calls per process. Thread-safe. */
final class Endpoint {

  private static final int DONE = 200;

  /** Statuses of a server that is busy: request timeout, too many requests. */
  private static final Set<Integer> BUSY = Set.of(408, 429);

  private final ServerConfig config;
  private final Optional<String> key;
  private final Semaphore calls;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * @param key for the server; never in a message
   * @param calls permits for the concurrent calls of this process
   */
  Endpoint(ServerConfig config, Optional<String> key, Semaphore calls) {
    this.config = config;
    this.key = key;
    this.calls = calls;
  }

  ServerConfig config() {
    return config;
  }

  /**
   * Posts a request once.
   *
   * @param body the request, JSON in UTF-8
   * @return the server's answer, or what went wrong
   * @throws EnvironmentException if a retry would give the same: somebody has to change something
   */
  <T> Reply<T> call(byte[] body, Protocol<T> protocol) throws InterruptedException {
    if (!calls.tryAcquire(config.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
      return later(
          "%d other calls of this process took all of %s.timeout, %d ms; see parallel there",
          config.parallel(), config.section(), config.timeout().toMillis());
    }
    try {
      return send(body, protocol);
    } finally {
      calls.release();
    }
  }

  private <T> Reply<T> send(byte[] body, Protocol<T> protocol) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(config.url())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    CompletableFuture<HttpResponse<byte[]>> reply =
        client.sendAsync(request.build(), head -> new ReplyBody(protocol.largest()));
    try {
      // HttpRequest.timeout ends with the head of the reply, and this one includes its body
      return read(reply.get(config.timeout().toNanos(), TimeUnit.NANOSECONDS), protocol);
    } catch (TimeoutException e) {
      return later(
          "no whole reply came within %s.timeout, %d ms",
          config.section(), config.timeout().toMillis());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException broken) {
        return later("%s", reason(broken));
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      reply.cancel(true);
    }
  }

  private <T> Reply<T> read(HttpResponse<byte[]> reply, Protocol<T> protocol) {
    int status = reply.statusCode();
    String said = "HTTP %d: \"%s\"".formatted(status, quoted(reply.body()));
    if (status == DONE) {
      try {
        return new Reply.Answer<>(protocol.read(reply.body()));
      } catch (FileException e) {
        return later("%s; it was \"%s\"", hidden(e.getMessage()), quoted(reply.body()));
      }
    }
    if (status >= 500 || BUSY.contains(status)) {
      return later("%s", said);
    }
    if (status >= 400) {
      return protocol
          .refused(reply.body())
          .<Reply<T>>map(Reply.Answer::new)
          .orElseThrow(
              () -> lasting("answered " + said, "give another url, or mend what the server says"));
    }
    if (status >= 300) {
      String where = reply.headers().firstValue("Location").map(Quoted::brief).orElse("nowhere");
      throw lasting(
          "answered HTTP %d, which sends on to %s".formatted(status, where),
          "no redirect is followed: make that the url, if it is right");
    }
    return later("%s, where 200 has an answer", said);
  }

  private String quoted(byte[] body) {
    return hidden(Quoted.brief(body));
  }

  /** Hides the key: servers quote one that they refuse. */
  private String hidden(String said) {
    return key.map(secret -> said.replace(secret, "(the key)")).orElse(said);
  }

  private EnvironmentException lasting(String what, String remedy) {
    return new EnvironmentException(
        "%s.url: %s %s; %s".formatted(config.section(), config.url(), what, remedy));
  }

  private <T> Reply<T> later(String reason, Object... values) {
    return new Reply.Later<>(
        "%s: %s".formatted(config.url(), Quoted.line(reason.formatted(values))));
  }

  private static String reason(IOException broken) {
    for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "no such host is known here";
      }
    }
    if (broken instanceof ConnectException) {
      return "nothing listens there";
    }
    return broken.getMessage() == null
        ? broken.getClass().getSimpleName()
        : Quoted.brief(broken.getMessage());
  }
}
