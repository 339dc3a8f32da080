package io.atelier.actors.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.actors.port.Clock;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DoingTest {
  private final StringWriter text = new StringWriter();
  private long nanos = 7;

  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return nanos;
        }

        @Override
        public long epochMillis() {
          return nanos / 1_000_000;
        }
      };

  @Test
  void shouldWriteAPlainLineEveryFewSeconds() {
    Doing doing = new Doing(new PrintWriter(text), clock, false);
    doing.accept("one");
    doing.accept("two");
    nanos += 5_000_000_000L;
    doing.accept("three");
    doing.done();
    assertEquals("one\nthree\n", text.toString().replace("\r\n", "\n"));
  }

  @Test
  void shouldReplaceTheLineOnATerminal() {
    Doing doing = new Doing(new PrintWriter(text), clock, true);
    doing.accept("one");
    doing.accept("two");
    doing.done();
    doing.done();
    assertEquals("\r\033[Kone\r\033[Ktwo\r\033[K", text.toString());
  }
}
