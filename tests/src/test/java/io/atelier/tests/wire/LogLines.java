package io.atelier.tests.wire;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/** What is logged while this is open, by all actor systems of the JVM, with causes. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 30;

  private record Wait(Predicate<String> wanted, CompletableFuture<String> line) {
    void offer(String text) {
      if (wanted.test(text)) {
        line.complete(text);
      }
    }
  }

  private final List<String> lines = new ArrayList<>();
  private final List<Wait> waits = new ArrayList<>();

  LogLines() {
    setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    start();
    root().addAppender(this);
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  }

  @Override
  protected void append(ILoggingEvent event) {
    String cause =
        event.getThrowableProxy() == null
            ? ""
            : " " + ThrowableProxyUtil.asString(event.getThrowableProxy());
    String line = event.getFormattedMessage() + cause;
    synchronized (lines) {
      lines.add(line);
      waits.forEach(wait -> wait.offer(line));
    }
  }

  /** Returns the first line that is wanted, once it is there. */
  String await(Predicate<String> wanted) {
    Wait wait = new Wait(wanted, new CompletableFuture<>());
    synchronized (lines) {
      lines.forEach(wait::offer);
      waits.add(wait);
    }
    return wait.line().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    root().detachAppender(this);
    stop();
  }
}
