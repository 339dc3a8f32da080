package io.atelier.actors.cli.console;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogsTest {

  @TempDir private Path folder;

  @Test
  void shouldKeepOnlyTheBeginningForAFileThatMayNeverCome() throws IOException {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Path file = folder.resolve("atelier.log");
    Logs.keep();
    for (int i = 0; i < 1500; i++) {
      root.warn("line {} of the test", i);
    }
    Logs.also(file);
    try {
      root.warn("later");
      String log = Files.readString(file);
      assertTrue(log.contains("line 0 of the test"), "what came first is left out");
      assertFalse(log.contains("line 1499 of the test"), "all was kept");
      assertTrue(log.contains("later"));
    } finally {
      for (String logger :
          new String[] {org.slf4j.Logger.ROOT_LOGGER_NAME, "akka.actor.SupervisorStrategy"}) {
        ((Logger) LoggerFactory.getLogger(logger)).detachAppender(file.toString());
      }
    }
  }
}
