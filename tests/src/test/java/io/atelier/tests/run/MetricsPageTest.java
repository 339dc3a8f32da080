package io.atelier.tests.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/reading-a-run.md} explains every measurement that the program writes. */
class MetricsPageTest {

  private static final Path ROOT = Path.of(System.getProperty("atelier.root", ".."));

  /** A name that is written, or the beginning of one that ends in a name or a number. */
  private static final Pattern WRITTEN =
      Pattern.compile(
          "put\\(\\s*\"((?:policy|critic|credit|learner|reward|load|applies|graph|lag|groups|idle)"
              + "/[a-z-]*|flat-steps|images-per-second|elapsed)\"");

  private static final Pattern NAME = Pattern.compile("`([a-zA-Z]+[/-][a-zA-Z/.-]+|elapsed)`");

  private static Set<String> written() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String module : List.of("learner", "reward", "actors")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          Matcher matcher = WRITTEN.matcher(Files.readString(file));
          while (matcher.find()) {
            names.add(matcher.group(1));
          }
        }
      }
    }
    return names;
  }

  private static Set<String> explained() throws IOException {
    Set<String> names = new TreeSet<>();
    boolean files = true; // the first table is of these
    for (String line : Files.readAllLines(ROOT.resolve("docs/reading-a-run.md"))) {
      files &= !line.startsWith("## ");
      if (!files && line.startsWith("| `")) {
        Matcher matcher = NAME.matcher(line.split("\\|")[1]);
        while (matcher.find()) {
          names.add(matcher.group(1).replaceFirst("(?<=[/-])(NAME|ROLE|N)$", ""));
        }
      }
    }
    return names;
  }

  @Test
  void shouldExplainWhatIsWritten() throws IOException {
    Set<String> written = written();
    assertTrue(written.size() > 45, "the sources have only " + written);
    Set<String> unexplained = new TreeSet<>(written);
    unexplained.removeAll(explained());
    assertEquals(Set.of(), unexplained);
  }

  @Test
  void shouldExplainNothingElse() throws IOException {
    Set<String> unknown = new TreeSet<>(explained());
    unknown.removeAll(written());
    unknown.removeIf(name -> name.startsWith("reward/adversarial/")); // made of names of parts
    // a reward's own name, and those that are made of their prefix and a name
    unknown.removeAll(Set.of("reward/", "reward/total"));
    assertEquals(Set.of(), unknown);
  }
}
