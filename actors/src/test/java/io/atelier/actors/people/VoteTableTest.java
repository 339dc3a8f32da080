package io.atelier.actors.people;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.people.VoteTable.Row;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VoteTableTest {

  @TempDir Path run;

  private static Vote vote(String who, int number, int repeats, int step, String better) {
    return new Vote(
        1,
        who,
        "a fox",
        number,
        repeats,
        new Vote.Side("one", step, "labels/a.png"),
        new Vote.Side("one", 0, "labels/b.png"),
        "a",
        better);
  }

  /** Ann: 2 wins, a loss, a tie, then 2 repeats of which one differs; Bob: a win, said anew. */
  @Test
  void shouldCountByPoliciesAndPeople() {
    List<Vote> votes = new ArrayList<>();
    int number = 0;
    for (String better : List.of("a", "a", "b", "tie")) {
      votes.add(vote("ann", number++, -1, 40, better));
    }
    votes.add(vote("ann", 4, 0, 40, "a"));
    votes.add(vote("ann", 5, 2, 40, "tie"));
    votes.add(vote("bob", 0, -1, 40, "b"));
    votes.add(vote("bob", 0, -1, 40, "a"));
    votes.add(vote("ann", 0, -1, 60, "b"));
    List<Row> rows = VoteTable.of(votes);
    assertEquals(
        List.of(
            new Row("one, step 40", "one, base", Optional.empty(), new WinShare(3, 1, 1), 2, 1),
            new Row("one, step 40", "one, base", Optional.of("ann"), new WinShare(2, 1, 1), 2, 1),
            new Row("one, step 40", "one, base", Optional.of("bob"), new WinShare(1, 0, 0), 0, 0),
            new Row("one, step 60", "one, base", Optional.empty(), new WinShare(0, 1, 0), 0, 0)),
        rows);
    assertEquals(List.of(), VoteTable.of(List.of()));
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    List<Vote> votes = List.of(vote("", 0, -1, 40, "a"), vote("ann", 1, 0, 40, "tie"));
    votes.forEach(vote -> PeopleFiles.append(run, PeopleFiles.PREFERENCES, vote));
    Path file = run.resolve("preferences.jsonl");
    assertEquals(votes, PeopleFiles.votes(file));
    assertEquals(List.of(), PeopleFiles.votes(run.resolve("none")));
    for (String line :
        List.of(
            "null",
            "{}",
            "nonsense",
            Files.readAllLines(file).get(0).replace("\"better\":\"a\"", "\"better\":\"x\""))) {
      Files.writeString(run.resolve("broken"), line + "\n");
      String said =
          assertThrows(
                  RunFolderException.class, () -> PeopleFiles.votes(run.resolve("broken")), line)
              .getMessage();
      assertTrue(said.contains("broken, line 1 is damaged: "), said);
    }
  }

  @Test
  void shouldNotFollowLinksOutOfTheFolder() throws IOException {
    Path outside = Files.createDirectory(run.resolve("outside"));
    Path folder = Files.createDirectory(run.resolve("run"));
    Path secret = Files.writeString(outside.resolve("file"), "");
    Files.createSymbolicLink(folder.resolve("labels.jsonl"), secret);
    Files.createSymbolicLink(folder.resolve("labels"), outside);
    byte[] picture = "picture".getBytes(StandardCharsets.UTF_8);
    assertThrows(
        WriteFailedException.class,
        () -> PeopleFiles.append(folder, PeopleFiles.LABELS, vote("", 0, -1, 1, "a")));
    assertThrows(WriteFailedException.class, () -> PeopleFiles.keep(folder, picture, "png"));
    assertEquals(0, Files.size(secret));
    try (var entries = Files.list(outside)) {
      assertEquals(1, entries.count());
    }
    Files.delete(folder.resolve("labels"));
    String name = PeopleFiles.keep(folder, picture, "png");
    assertEquals(name, PeopleFiles.keep(folder, picture, "png"));
    assertEquals("picture", Files.readString(folder.resolve(name)));
    assertEquals(
        Files.getPosixFilePermissions(secret),
        Files.getPosixFilePermissions(folder.resolve(name)),
        "who reads the run reads these");
    try (var entries = Files.list(folder.resolve("labels"))) {
      assertEquals(1, entries.count());
    }
  }
}
