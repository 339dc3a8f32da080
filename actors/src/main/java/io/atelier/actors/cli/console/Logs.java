package io.atelier.actors.cli.console;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.read.ListAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import io.atelier.models.files.LongWork;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** Where the log goes, beyond what {@code logback.xml} says. */
public final class Logs {

  /** Logger that the terminal does not show, see {@code logback.xml}. */
  private static final String WORKER_FAILURES = "akka.actor.SupervisorStrategy";

  private static final String SHOWN = "shown";
  private static final String KEPT = "kept";

  /** Most lines that are kept: many times what is logged about data. */
  private static final int MOST_KEPT = 1000;

  private Logs() {}

  /** Sends messages marked {@link LongWork#SHOWN} to {@code say} only, from now on. */
  public static void show(Consumer<String> say) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            List<Marker> markers = event.getMarkerList();
            if (markers != null && markers.contains(LongWork.SHOWN)) {
              say.accept(event.getFormattedMessage());
            }
          }
        };
    appender.setContext(context);
    appender.setName(SHOWN);
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAppender(SHOWN);
    root.addAppender(appender);
  }

  /**
   * Buffers the log until {@link #also} is given a file: data is logged about before there is a run
   * folder. The buffer is bounded, since a node that never leads never has one.
   */
  public static void keep() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    ListAppender<ILoggingEvent> appender =
        new ListAppender<>() {
          @Override
          protected void append(ILoggingEvent event) {
            if (list.size() < MOST_KEPT) {
              super.append(event);
            }
          }
        };
    appender.setContext(context);
    appender.setName(KEPT);
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAppender(KEPT);
    root.addAppender(appender);
  }

  private static List<ILoggingEvent> kept(Logger root) {
    return root.getAppender(KEPT) instanceof ListAppender<ILoggingEvent> appender
        ? List.copyOf(appender.list)
        : List.of();
  }

  /**
   * Also appends the log to {@code file}, with stack traces, beginning with what {@link #keep}
   * buffered, and drops the buffer.
   */
  public static void also(Path file) {
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    append(appender, file);
    root().detachAppender(KEPT);
  }

  /**
   * The same for a node, which may never have a run folder, and without dropping the buffer: a
   * rolling file of 10 MiB and the two before it.
   */
  public static void rolling(Path file) {
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    FixedWindowRollingPolicy files = new FixedWindowRollingPolicy();
    files.setContext(context);
    files.setParent(appender);
    files.setFileNamePattern(file + ".%i");
    files.setMaxIndex(2);
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(FileSize.valueOf("10MB"));
    appender.setFile(file.toString());
    files.start();
    size.start();
    appender.setRollingPolicy(files);
    appender.setTriggeringPolicy(size);
    append(appender, file);
  }

  private static Logger root() {
    return ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(Logger.ROOT_LOGGER_NAME);
  }

  private static void append(FileAppender<ILoggingEvent> appender, Path file) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d %-5level [%thread] %logger{30} %msg%n");
    encoder.start();
    appender.setContext(context);
    appender.setName(file.toString());
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    appender.start();
    kept(root()).forEach(appender::doAppend);
    for (String logger : new String[] {Logger.ROOT_LOGGER_NAME, WORKER_FAILURES}) {
      context.getLogger(logger).addAppender(appender);
    }
  }
}
