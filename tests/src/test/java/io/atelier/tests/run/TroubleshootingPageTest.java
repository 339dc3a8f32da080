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

/** The program still says what docs/troubleshooting.md quotes. */
class TroubleshootingPageTest {

  private static final Path ROOT = Path.of(System.getProperty("atelier.root", ".."));
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  /** All sources, with texts that are written in parts put together. */
  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    all.append(Files.readString(ROOT.resolve("atelier")));
    all.append(Files.readString(ROOT.resolve("cluster-conf/bin/cuda-libraries")));
    for (String module : List.of("models", "rollout", "reward", "learner", "actors")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString().replaceAll("\"\\s*\\+\\s*\"", "").replace("\\\"", "\"");
  }

  @Test
  void shouldQuoteWhatTheProgramSays() throws IOException {
    String sources = sources();
    Set<String> quoted = new TreeSet<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/troubleshooting.md"))) {
      if (line.startsWith("| `")) {
        Matcher matcher = QUOTED.matcher(line.split("\\|")[1]);
        while (matcher.find()) {
          quoted.add(matcher.group(1));
        }
      }
    }
    assertTrue(quoted.size() > 40, quoted::toString);
    quoted.removeIf(sources::contains);
    assertEquals(Set.of(), quoted);
  }
}
