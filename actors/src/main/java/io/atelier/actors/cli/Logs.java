package io.atelier.actors.cli;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Where the log goes, beyond what {@code logback.xml} says. */
final class Logs {

  /** Logger that the terminal does not show, see {@code logback.xml}. */
  private static final String WORKER_FAILURES = "akka.actor.SupervisorStrategy";

  private Logs() {}

  /** Writes the log to {@code file} as well, with stack traces, after what is there. */
  static void also(Path file) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d %-5level [%thread] %logger{30} %msg%n");
    encoder.start();
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setContext(context);
    appender.setName(file.toString());
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    appender.start();
    for (String logger : new String[] {Logger.ROOT_LOGGER_NAME, WORKER_FAILURES}) {
      context.getLogger(logger).addAppender(appender);
    }
  }
}
