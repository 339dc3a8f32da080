package io.atelier.actors.identity;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** This program once more, in a JVM of its own: native memory and threads are its alone. */
public final class Program {

  private static final String COMMAND_LINE = "io.atelier.actors.cli.Main";

  private Program() {}

  /**
   * The command that starts {@code ./atelier} with the flags and the class path of this JVM.
   *
   * @param arguments of {@code ./atelier}
   */
  public static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-agentlib") && !flag.startsWith("-javaagent"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), COMMAND_LINE));
    command.addAll(arguments);
    return command;
  }
}
