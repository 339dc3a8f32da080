package io.atelier.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.cli.option.ConfigOptions;
import io.atelier.actors.cli.run.ExperimentCommand;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.experiment.Experiments;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Every command of the documents is one: the command, its options and the keys of the configuration
 * exist, and values are allowed. What computes little is run, too.
 */
@Timeout(300)
class DocumentedCommandsTest {

  private static final Pattern SPAN = Pattern.compile("`([^`\n]+)`");
  private static final Pattern SETTING = Pattern.compile("([a-z]+)\\.[\\w.-]+=\\S.*");

  /** Files, servers, plug-ins, and runs that were made before. */
  private static final Pattern NEEDS =
      Pattern.compile("/|\\.\\.\\.|--config|--resume|\\.head=|url=|plugins|[A-Z$]");

  @TempDir static Path folder;
  private static Path empty;
  private static final List<DocumentedCommand> COMMANDS = new ArrayList<>();

  @BeforeAll
  static void read() throws IOException {
    empty = Files.createFile(folder.resolve("empty.conf"));
    for (Path page : DocumentedCommand.pages()) {
      COMMANDS.addAll(DocumentedCommand.of(page));
    }
    assertTrue(COMMANDS.size() > 90, "the documents have more than " + COMMANDS.size());
  }

  private static List<String> arguments(DocumentedCommand command) {
    List<String> arguments = new ArrayList<>();
    String before = "";
    for (String word : command.words()) {
      arguments.add(
          before.equals("--config")
              ? DocumentedCommand.file(word, empty)
              : DocumentedCommand.filledIn(word));
      before = word;
    }
    return arguments;
  }

  /** What is wrong with a command; empty if nothing is. */
  private static Optional<String> problem(List<String> arguments) {
    CommandLine main = Main.commandLine();
    ParseResult parsed;
    try {
      parsed = main.parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException e) {
      return Optional.of(e.getMessage());
    }
    if (!parsed.hasSubcommand() || parsed.subcommand().isUsageHelpRequested()) {
      return Optional.empty();
    }
    ParseResult command = parsed.subcommand();
    if (command.commandSpec().userObject() instanceof ExperimentCommand) {
      return command.matchedPositionals().get(0).<List<String>>getValue().stream()
          .filter(name -> !name.endsWith(".conf") && !Set.of("list", "all").contains(name))
          .filter(name -> !Experiments.names().contains(name))
          .findFirst()
          .map(name -> "there is no experiment " + name);
    }
    try {
      config(command).ifPresent(ConfigOptions::load);
      return Optional.empty();
    } catch (InvalidConfigException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static Optional<ConfigOptions> config(ParseResult command) {
    return command.commandSpec().mixins().values().stream()
        .map(mixin -> mixin.userObject())
        .filter(ConfigOptions.class::isInstance)
        .map(ConfigOptions.class::cast)
        .findFirst();
  }

  @Test
  void shouldBeUnderstood() {
    List<String> wrong = new ArrayList<>();
    Set<String> names = Main.commandLine().getSubcommands().keySet();
    for (DocumentedCommand command : COMMANDS) {
      if (command.isName() && names.contains(command.words().get(0))) {
        continue;
      }
      problem(arguments(command)).ifPresent(p -> wrong.add(command.where() + "\n    " + p));
    }
    assertEquals(List.of(), wrong, () -> String.join("\n", wrong));
  }

  /** Settings in the middle of a sentence. */
  @Test
  void shouldNameKeysThatExist() throws IOException {
    List<String> wrong = new ArrayList<>();
    int found = 0;
    Set<String> sections = TrainConfig.load("dev").tree().root().keySet();
    for (Path page : DocumentedCommand.pages()) {
      for (MatchResult span : SPAN.matcher(Files.readString(page)).results().toList()) {
        for (String word : span.group(1).split(" ")) {
          if (SETTING.matcher(word).matches() && sections.contains(word.split("\\.")[0])) {
            found++;
            unknown(word).ifPresent(p -> wrong.add(page.getFileName() + ": " + p));
          }
        }
      }
    }
    assertEquals(List.of(), wrong, () -> String.join("\n", wrong));
    assertTrue(found > 50, "the documents have more than " + found);
  }

  private static Optional<String> unknown(String setting) {
    try {
      TrainConfig.load("dev", setting);
    } catch (InvalidConfigException e) {
      // what a value needs besides it stands in the sentence
      return Optional.of(e.getMessage()).filter(message -> message.startsWith("unknown key"));
    }
    return Optional.empty();
  }

  /** Runs that take nothing but what is embedded, as far as plan looks at them. */
  @Test
  void shouldPlanRunsThatNeedNothing() {
    Set<List<String>> plans = new LinkedHashSet<>();
    for (DocumentedCommand command : COMMANDS) {
      List<String> words = command.words();
      if (words.get(0).equals("train") && words.stream().noneMatch(NEEDS.asPredicate())) {
        List<String> plan = new ArrayList<>(words);
        plan.set(0, "plan");
        plan.add("run.dir=" + folder.resolve("planned"));
        plans.add(plan);
      }
    }
    assertTrue(plans.size() >= 8, plans::toString);
    for (List<String> plan : plans) {
      StringWriter said = new StringWriter();
      PrintWriter out = new PrintWriter(said, true);
      assertEquals(0, Main.run(out, out, plan.toArray(String[]::new)), () -> plan + "\n" + said);
    }
  }

  @Test
  void shouldHaveAHelpOfEveryCommand() {
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      StringWriter said = new StringWriter();
      PrintWriter out = new PrintWriter(said, true);
      assertEquals(0, Main.run(out, out, command, "--help"), said::toString);
      for (String line : said.toString().lines().toList()) {
        if (line.strip().startsWith("./atelier ") && !line.endsWith("\\")) {
          List<String> words = DocumentedCommand.words(line.strip());
          List<String> arguments = new ArrayList<>(words.subList(1, words.size()));
          arguments.replaceAll(word -> word.endsWith(".conf") ? empty.toString() : word);
          assertEquals(Optional.empty(), problem(arguments), line);
        }
      }
    }
  }
}
