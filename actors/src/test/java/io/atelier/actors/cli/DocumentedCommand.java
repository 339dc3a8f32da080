package io.atelier.actors.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A line of a document that calls {@code ./atelier}.
 *
 * @param where page and line, for messages
 * @param words what the shell makes of it, without the program
 */
record DocumentedCommand(String where, List<String> words) {

  private static final Path ROOT = Path.of(System.getProperty("atelier.root", ".."));

  private static final String PROGRAM = "(?:\\./atelier|atelier-\\*/atelier)";

  /** A line of its own, in a block or a list of lines; the rest of it follows a backslash. */
  private static final Pattern LINE =
      Pattern.compile("(?m)^ *(?:[A-Z_]+=\\S+ )?" + PROGRAM + " ((?:.*\\\\\n)*.*)$");

  /** Within a sentence. */
  private static final Pattern QUOTED =
      Pattern.compile("`(?:[^`\n]* )?" + PROGRAM + " ([^`|\n]+)`");

  private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");

  /** The pages that people read. */
  static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md").map(ROOT::resolve),
              docs.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  /** All of a page. */
  static List<DocumentedCommand> of(Path page) throws IOException {
    String text = Files.readString(page);
    List<DocumentedCommand> commands = new ArrayList<>();
    for (Pattern pattern : List.of(LINE, QUOTED)) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        String line = matcher.group(1);
        long number = text.substring(0, matcher.start()).lines().count();
        String where = "%s:%d: ./atelier %s".formatted(page.getFileName(), number, line);
        commands.add(new DocumentedCommand(where, words(line)));
      }
    }
    return commands;
  }

  /** As a shell splits it, up to a comment. */
  static List<String> words(String line) {
    return WORD.matcher(line.replace("\\\n", " "))
        .results()
        .map(MatchResult::group)
        .takeWhile(word -> !word.startsWith("#"))
        .map(word -> word.replaceAll("'([^']*)'|\"([^\"]*)\"", "$1$2"))
        .toList();
  }

  /** Whether it is no more than the name of a command. */
  boolean isName() {
    return words.size() == 1;
  }

  /** What a name in capitals stands for, variables of the shell, and what a reader knows. */
  static String filledIn(String word) {
    return word.replace("$MODEL", "model")
        .replace("$SIZE", "512")
        .replaceFirst("^KEY=VALUE$", "learner.learning-rate=1e-4")
        .replace("model.path=...", "model.path=emoji64");
  }

  /** The file of this project that is meant, or any, where a page has its reader make one. */
  static String file(String name, Path any) {
    Path here = ROOT.resolve(name);
    return (Files.exists(here) ? here : any).toString();
  }
}
