package io.atelier.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.cli.option.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

/** The launcher has to know which commands need libtorch, before there is a JVM to ask. */
class ComputingCommandsTest {

  private static String launcher() throws IOException {
    return Files.readString(Path.of(System.getProperty("atelier.root")).resolve("atelier"));
  }

  @Test
  void shouldFindLibtorchForEveryCommandThatTakesADevice() throws IOException {
    Matcher computes =
        Pattern.compile("\\ncomputes\\(\\) \\{(.*?)\\*\\) return 1", Pattern.DOTALL)
            .matcher(launcher());
    assertTrue(computes.find());
    List<String> known = Arrays.asList(computes.group(1).split("[^a-z-]+"));
    List<String> missing =
        Arrays.stream(Main.class.getAnnotation(Command.class).subcommands())
            .filter(command -> !command.equals(DoctorCommand.class)) // takes what is there
            .filter(
                command ->
                    Arrays.stream(command.getDeclaredFields())
                        .anyMatch(field -> field.getType().equals(EngineOptions.class)))
            .map(command -> command.getAnnotation(Command.class).name())
            .filter(name -> !known.contains(name))
            .toList();
    assertEquals(List.of(), missing);
    assertTrue(known.containsAll(List.of("train", "node", "eval", "experiment")), "" + known);
  }
}
