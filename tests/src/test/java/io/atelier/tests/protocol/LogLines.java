package io.atelier.tests.protocol;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/** What is logged while this is open, by all actor systems of the JVM. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 8;

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  LogLines() {
    setContext((ch.qos.logback.classic.LoggerContext) LoggerFactory.getILoggerFactory());
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
    lines.add(event.getLevel() + " " + event.getFormattedMessage() + cause);
  }

  /** Waits for a line; those before it are dropped. */
  String await(Predicate<String> wanted) throws InterruptedException {
    for (String line = next(); ; line = next()) {
      if (line == null) {
        throw new AssertionError("the line did not come in %d s".formatted(PATIENCE_SECONDS));
      }
      if (wanted.test(line)) {
        return line;
      }
    }
  }

  private String next() throws InterruptedException {
    return lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    root().detachAppender(this);
    stop();
  }
}
