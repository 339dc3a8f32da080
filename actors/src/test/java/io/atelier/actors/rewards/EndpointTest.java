package io.atelier.actors.rewards;

import static io.atelier.actors.rewards.HttpRewards.LONG;
import static io.atelier.actors.rewards.HttpRewards.NONE;
import static io.atelier.actors.rewards.HttpRewards.SHORT;
import static io.atelier.actors.rewards.HttpRewards.config;
import static io.atelier.actors.rewards.HttpRewards.group;
import static io.atelier.actors.rewards.HttpRewards.later;
import static io.atelier.actors.rewards.HttpRewards.once;
import static io.atelier.actors.rewards.HttpRewards.reward;
import static io.atelier.actors.rewards.HttpRewards.total;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.port.Clock;
import io.atelier.reward.Reward.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real servers in this JVM that refuse, stall, lie and break. */
@Timeout(60)
class EndpointTest {

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 408, 429, 500, 502, 503, 504})
  void shouldPutOffWhatPasses(int status) throws IOException {
    String body = status == 204 ? "" : "{\"scores\": [1, 2]}";
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(status, body))) {
      String said = later(once(server.url(), LONG).score(group()));
      assertTrue(said.contains("HTTP " + status), said);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 405, 413, 422})
  void shouldFailWithWhatStaysWrong(int status) throws IOException {
    try (ScriptedServer server =
        ScriptedServer.start(ScriptedServer.says(status, "no such\nmodel"))) {
      HttpReward reward = reward(config(server.url(), LONG, LONG), Clock.system(), NONE);
      String said =
          assertThrows(EnvironmentException.class, () -> reward.score(group())).getMessage();
      assertEquals(
          "reward.http.style.url: %s answered HTTP %d: \"no such model\"; give another url, or mend what the server says"
              .formatted(server.url(), status),
          said);
      assertEquals(1, server.requests().size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void shouldFollowNoRedirect(int status) throws IOException {
    try (ScriptedServer other =
            ScriptedServer.start(ScriptedServer.says(200, "{\"scores\": [1, 2]}"));
        ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  exchange.getResponseHeaders().set("Location", other.url().toString());
                  exchange.sendResponseHeaders(status, -1);
                })) {
      HttpReward reward = once(server.url(), LONG);
      String said =
          assertThrows(EnvironmentException.class, () -> reward.score(group())).getMessage();
      assertTrue(
          said.contains("HTTP %d, which sends on to %s".formatted(status, other.url())), said);
      assertEquals(List.of(), other.requests());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldBreakOffAReplyThatIsTooLarge(boolean sizeIsSaid) throws IOException {
    AtomicLong sent = new AtomicLong();
    byte[] chunk = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              exchange.sendResponseHeaders(200, sizeIsSaid ? Long.MAX_VALUE : 0);
              while (true) { // until the other end has enough
                exchange.getResponseBody().write(chunk);
                sent.addAndGet(chunk.length);
              }
            })) {
      String said = later(once(server.url(), LONG).score(group()));
      assertTrue(said.contains("more than the 1048576 bytes"), said);
      // what is read, and what lies in the buffers of two sockets
      assertTrue(sent.get() < 64 << 20, sent + " bytes were sent");
    }
  }

  /** A head or a space now and then keeps a limit that counts from the last byte from its end. */
  @ParameterizedTest
  @ValueSource(strings = {"no head", "no body", "drips"})
  void shouldEndACallInTimeWhateverComes(String what) throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger drops = new AtomicInteger();
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              try {
                if (what.equals("no head")) {
                  over.await();
                }
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().flush();
                while (!over.await(5, TimeUnit.MILLISECONDS)) {
                  if (what.equals("drips")) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                    drops.incrementAndGet();
                  }
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })) {
      String said = later(once(server.url(), SHORT).score(group()));
      assertTrue(said.contains("no whole reply came within reward.http.style.timeout"), said);
      assertTrue(drops.get() > 0 || !what.equals("drips"), "nothing dripped");
      over.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"scores\": [1, 2]}", "go"})
  void shouldPutOffWhenTheConnectionBreaks(String sent) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> server =
          CompletableFuture.runAsync(
              () -> {
                try (Socket connection = socket.accept()) {
                  InputStream in = connection.getInputStream();
                  while (in.read() != '{') { // its head
                    assertTrue(connection.isConnected());
                  }
                  connection.getOutputStream().write(sent.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      URI url = URI.create("http://127.0.0.1:%d/score".formatted(socket.getLocalPort()));
      String said = later(once(url, LONG).score(group()));
      assertTrue(said.startsWith(url + ": "), said);
      server.join();
    }
  }

  @Test
  void shouldPutOffWhenNothingListens() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    URI url = URI.create("http://127.0.0.1:%d/score".formatted(port));
    assertEquals(url + ": nothing listens there", later(once(url, LONG).score(group())));
  }

  @Test
  void shouldMakeNoMoreCallsAtATimeThanAreAllowed() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              arrived.countDown();
              try {
                over.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              ScriptedServer.says(200, "{\"scores\": [1, 2]}").answer(exchange);
            })) {
      Semaphore one = new Semaphore(1);
      HttpReward first =
          reward(config(server.url(), LONG, Duration.ZERO), one, Clock.system(), NONE);
      HttpReward second =
          reward(config(server.url(), SHORT, Duration.ZERO), one, Clock.system(), NONE);
      CompletableFuture<Outcome> held = CompletableFuture.supplyAsync(() -> first.score(group()));
      arrived.await();
      String said = later(second.score(group()));
      assertTrue(said.contains("other calls of this process"), said);
      assertEquals(1, server.requests().size());
      over.countDown();
      assertArrayEquals(new float[] {1, 2}, total(held.join()));
      assertArrayEquals(new float[] {1, 2}, total(second.score(group())));
    }
  }
}
