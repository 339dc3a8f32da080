package io.atelier.actors.machine;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Another JVM of the same kind: its native memory and threads are its own. */
public final class Jvm {

  private static final String COMMAND_LINE = "io.atelier.actors.cli.Main";

  /** Beginnings of flags that two JVMs cannot share: their ports and files. */
  private static final List<String> OF_ONE =
      List.of("-agentlib", "-agentpath", "-javaagent", "-Xlog", "-Dcom.sun.management");

  private Jvm() {}

  /**
   * The command that starts {@code ./atelier} with the flags and the class path of this JVM.
   *
   * @param arguments of {@code ./atelier}
   */
  public static List<String> atelier(List<String> arguments) {
    return command(COMMAND_LINE, arguments);
  }

  /** The same for another main class. */
  public static List<String> command(String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> OF_ONE.stream().noneMatch(flag::startsWith))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    return command;
  }
}
