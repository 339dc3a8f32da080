package io.atelier.actors.rewards;

import io.atelier.actors.config.EnvironmentException;
import io.atelier.actors.config.HttpRewardConfig;
import io.atelier.models.files.FileException;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes one call at a time of the server of a reward. */
final class ScoreServer {

  /** Most bytes of a reply: hundreds for each number of the largest groups. */
  static final int LARGEST_REPLY = 1 << 20;

  private static final int DONE = 200;

  /** That the server had no time: request timeout, too many requests. */
  private static final Set<Integer> BUSY = Set.of(408, 429);

  private final HttpRewardConfig config;
  private final Semaphore calls;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * @param calls of this process, as many as may be under way at a time
   */
  ScoreServer(HttpRewardConfig config, Semaphore calls) {
    this.config = config;
    this.calls = calls;
  }

  /**
   * Posts a group once.
   *
   * @param body the request
   * @param images how many it has
   * @return what the server says, or {@link RetryLater} with what was wrong
   * @throws EnvironmentException if asking again gives the same: somebody has to change something
   */
  Outcome call(byte[] body, int images) throws InterruptedException {
    if (!calls.tryAcquire(config.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
      return later(
          "%d other calls of this process took all of %s.timeout, %d ms; see parallel there",
          config.parallel(), config.section(), config.timeout().toMillis());
    }
    try {
      return send(body, images);
    } finally {
      calls.release();
    }
  }

  private Outcome send(byte[] body, int images) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(config.url())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    CompletableFuture<HttpResponse<byte[]>> reply =
        client.sendAsync(request, head -> new ReplyBody(LARGEST_REPLY));
    try {
      // HttpRequest.timeout would end with the head of the reply, and this has its body in it
      return outcome(reply.get(config.timeout().toNanos(), TimeUnit.NANOSECONDS), images);
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

  private Outcome outcome(HttpResponse<byte[]> reply, int images) {
    int status = reply.statusCode();
    String said = "HTTP %d: \"%s\"".formatted(status, Quoted.brief(reply.body()));
    if (status == DONE) {
      try {
        return ScoreReply.of(reply.body(), images);
      } catch (FileException e) {
        return later("%s; it was \"%s\"", e.getMessage(), Quoted.brief(reply.body()));
      }
    }
    if (status >= 500 || BUSY.contains(status)) {
      return later("%s", said);
    }
    if (status >= 400) {
      throw lasting("answered " + said, "give another url, or mend what the server says");
    }
    if (status >= 300) {
      String where = reply.headers().firstValue("Location").map(Quoted::brief).orElse("nowhere");
      throw lasting(
          "answered HTTP %d, which sends on to %s".formatted(status, where),
          "no redirect is followed: make that the url, if it is right");
    }
    return later("%s, where 200 has scores", said);
  }

  private EnvironmentException lasting(String what, String remedy) {
    return new EnvironmentException(
        "%s.url: %s %s; %s".formatted(config.section(), config.url(), what, remedy));
  }

  private RetryLater later(String reason, Object... values) {
    return new RetryLater("%s: %s".formatted(config.url(), Quoted.line(reason.formatted(values))));
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
