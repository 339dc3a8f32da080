package io.atelier.actors.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.cli.Main;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Vote;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {

  @TempDir Path folder;

  private Path run(String name) throws IOException {
    Path run = Files.createDirectory(folder.resolve(name));
    Files.writeString(run.resolve("config.conf"), "");
    return run;
  }

  private static String run(int code, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
    assertEquals(
        code, Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts), "" + err);
    return out + err.toString();
  }

  @Test
  void shouldPrintWhatTheVotesComeTo() throws IOException {
    Path one = run("one");
    Path two = run("two");
    assertEquals(
        "nobody has compared them yet: ./atelier view %s %s%n".formatted(one, two),
        run(0, "compare", one, two));
    for (int i = 0; i < 20; i++) {
      String better = i < 14 ? "a" : "b";
      PeopleFiles.append(
          one,
          PeopleFiles.PREFERENCES,
          new Vote(
              1,
              "",
              "a fox",
              i,
              -1,
              new Vote.Side("one", 40, "labels/a.png"),
              new Vote.Side("two", 40, "labels/b.png"),
              "a",
              better));
    }
    List<String> lines = run(0, "compare", one).lines().toList();
    assertEquals(
        List.of("one, step 40 : two, step 40", "all", "14", "6", "0", "0.700", "0.481-0.855"),
        Arrays.asList(lines.get(1).split(" {2,}")).subList(0, 7));
    assertTrue(lines.get(1).endsWith("0.115  -     58"), lines.get(1));
    assertEquals(lines, run(0, "compare", one, two).lines().toList());
    assertTrue(run(0, "compare", one, one).startsWith("nobody has compared them yet"));
    assertTrue(run(2, "compare", folder).contains("is not a run folder"));
  }
}
