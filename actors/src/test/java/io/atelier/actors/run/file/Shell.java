package io.atelier.actors.run.file;

import java.io.IOException;

/** Commands of the system that a test needs, such as {@code mount}. */
public final class Shell {

  private Shell() {}

  /** Whether a command is there and ends with 0. */
  public static boolean succeeds(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
