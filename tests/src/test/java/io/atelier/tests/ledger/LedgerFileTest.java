package io.atelier.tests.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.journal.LedgerAudit;
import io.atelier.actors.ledger.journal.LedgerCorruptException;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.rollout.GroupId;
import io.atelier.tests.toy.ToyRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The journal says from its lines alone whether a run kept its books. */
@Timeout(120)
class LedgerFileTest {
  @TempDir Path folder;

  /** The lines of a real run: three steps of three groups. */
  private static List<LedgerEntry> lines() throws Exception {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), 3);
    run.start().awaitBalanced();
    return new ArrayList<>(run.journal);
  }

  private static void expectProblem(String words, Consumer<List<LedgerEntry>> damage)
      throws Exception {
    List<LedgerEntry> lines = lines();
    assertTrue(LedgerAudit.of(lines).balanced());
    damage.accept(lines);
    LedgerAudit.Result result = LedgerAudit.of(lines);
    assertTrue(
        result.problems().stream().anyMatch(p -> p.contains(words)),
        () -> "should say \"%s\": %s".formatted(words, result.problems()));
  }

  private static int indexOf(List<LedgerEntry> lines, GroupId id) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i) instanceof LedgerEntry.Trained t && t.id().equals(id)) {
        return i;
      }
    }
    throw new AssertionError("no line of group " + id);
  }

  @Test
  void shouldCountWhatARunDid() throws Exception {
    List<LedgerEntry> lines = lines();
    LedgerAudit.Result result = LedgerAudit.of(lines);
    assertEquals(3, result.steps());
    assertEquals(9, result.admitted());
    assertEquals(9, result.trained());
    assertEquals(0, result.open());
    LedgerAudit.Result half = LedgerAudit.of(lines.subList(0, indexOf(lines, new GroupId(1, 1))));
    assertTrue(half.balanced(), () -> half.problems().toString());
    assertEquals(4, half.trained());
    assertEquals(half.admitted(), half.trained() + half.dropped() + half.open());
  }

  @Test
  void shouldFindWhatIsWrong() throws Exception {
    GroupId id = new GroupId(1, 1);
    expectProblem("is trained a second time", l -> l.add(indexOf(l, id), l.get(indexOf(l, id))));
    expectProblem("step 1 has 2 groups, not 3", l -> l.remove(indexOf(l, id)));
    expectProblem(
        "is for step 1, not 0",
        l -> l.removeIf(e -> e instanceof LedgerEntry.Step s && s.step() == 0));
    expectProblem(
        "is step 2, not 1", l -> l.removeIf(e -> e instanceof LedgerEntry.Step s && s.step() == 1));
    expectProblem("has policy version 1, the schedule says 0", l -> change(l, id, 1, "x", 0));
    expectProblem("has policy hash x, version 0 is", l -> change(l, id, 0, "x", 0));
    expectProblem("is attempt 1, but 0 were dropped before", l -> change(l, id, 0, "x", 1));
    expectProblem(
        "counts 0 dropped groups, the lines have 1",
        l -> l.add(1, new LedgerEntry.Dropped(new GroupId(2, 2), 0, "unscorable: no")));
    expectProblem(
        "is dropped after training",
        l -> l.add(indexOf(l, id) + 1, new LedgerEntry.Dropped(id, 0, "unscorable: no")));
    expectProblem("comes after the end", l -> l.add(l.get(indexOf(l, id))));
    expectProblem("begins the run a second time", l -> l.add(1, l.get(0)));
    expectProblem("line 1 does not begin a run", l -> l.remove(0));
    expectProblem("the ledger is empty", List::clear);
    expectProblem(
        "says 9 steps, there are 3",
        l -> l.set(l.size() - 1, new LedgerEntry.Ended(9, "finished", counts(9, 9, 0, 0))));
    expectProblem(
        "does not balance",
        l -> l.set(l.size() - 1, new LedgerEntry.Ended(3, "finished", counts(10, 9, 0, 0))));
  }

  private static Counts counts(long admitted, long trained, long dropped, long open) {
    return new Counts(admitted, trained, dropped, open, 0, 0, 0);
  }

  private static void change(
      List<LedgerEntry> lines, GroupId id, long version, String hash, int attempt) {
    int at = indexOf(lines, id);
    LedgerEntry.Trained old = (LedgerEntry.Trained) lines.get(at);
    lines.set(
        at,
        new LedgerEntry.Trained(
            old.step(),
            id,
            attempt,
            old.leases(),
            version,
            hash,
            old.criticVersion(),
            old.criticHash()));
  }

  @Test
  void shouldReadWhatWasWrittenAndBearATornLastLine() throws Exception {
    Path path = folder.resolve("ledger");
    List<LedgerEntry> lines = lines();
    write(path, lines);
    assertEquals(new LedgerFile.Content(lines, 0), LedgerFile.read(path));
    long whole = Files.size(path);
    Files.writeString(path, "{\"type\":\"tra", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    assertEquals(new LedgerFile.Content(lines, 12), LedgerFile.read(path));
    for (long cut : new long[] {1, 100, whole / 2, whole - 1}) {
      byte[] head = new byte[(int) cut];
      System.arraycopy(Files.readAllBytes(path), 0, head, 0, head.length);
      Path torn = folder.resolve("torn-" + cut);
      Files.write(torn, head);
      LedgerFile.Content content = LedgerFile.read(torn);
      assertEquals(lines.subList(0, content.entries().size()), content.entries());
      assertTrue(content.entries().isEmpty() || LedgerAudit.of(content.entries()).balanced());
    }
  }

  private Path copy() {
    return folder.resolve("copy");
  }

  private static void write(Path path, List<LedgerEntry> lines) throws IOException {
    try (LedgerFile file = LedgerFile.create(path)) {
      lines.forEach(file::append);
      assertEquals(Files.size(path), file.force());
    }
  }

  @Test
  void shouldCutWhatCameAfterTheCheckpointWhenResumed() throws Exception {
    Path path = folder.resolve("ledger");
    List<LedgerEntry> lines = lines();
    int boundary = indexOf(lines, new GroupId(1, 0));
    long length;
    try (LedgerFile file = LedgerFile.create(path)) {
      lines.subList(0, boundary).forEach(file::append);
      length = file.force();
      lines.subList(boundary, boundary + 2).forEach(file::append);
    }
    Files.writeString(path, "{\"torn", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    try (LedgerFile file = LedgerFile.resume(path, length, copy(), () -> {})) {
      lines.subList(boundary, lines.size()).forEach(file::append);
    }
    assertEquals(new LedgerFile.Content(lines, 0), LedgerFile.read(path));
  }

  private static final String REWARDED =
      "{\"type\":\"rewarded\",\"step\":0,\"id\":{\"step\":0,\"slot\":1},\"prompt\":{\"index\":3,\"text\":"
          + "\"fox\",\"attributes\":\"\"},\"scores\":{\"b\":[0.1,-0.0],\"a\":[1.0E-5,3.0]},\"rewards\":"
          + "[0.1,1.17549435E-38],\"advantages\":[0.1,-5.0]}";

  /** Digits, signs of zero and the order of parts are as they were. */
  @Test
  void shouldKeepEveryBitOfWhatWasTrainedOn() throws Exception {
    Path path = folder.resolve("ledger");
    Files.writeString(path, REWARDED + "\n");
    LedgerEntry.Rewarded read = (LedgerEntry.Rewarded) LedgerFile.read(path).entries().get(0);
    assertEquals(List.of("b", "a"), List.copyOf(read.scores().keySet()));
    assertEquals(List.of(0.1f, -0.0f), read.scores().get("b"));
    assertEquals(List.of(0.1f, Float.MIN_NORMAL), read.rewards());
    assertEquals(List.of(0.1, -5.0), read.advantages());
    Files.delete(path);
    write(path, List.of(read));
    assertEquals(REWARDED + "\n", Files.readString(path));
    Files.writeString(path, REWARDED.replace("\"rewards\"", "\"reward\"") + "\n");
    assertThrows(LedgerCorruptException.class, () -> LedgerFile.read(path));
    Files.writeString(path, REWARDED.replaceAll(",\"rewards\":[^]]*]", "") + "\n");
    LedgerCorruptException none =
        assertThrows(LedgerCorruptException.class, () -> LedgerFile.read(path));
    assertTrue(none.getMessage().contains("line 1 is not a ledger entry"), none::getMessage);
  }

  /** Rewards follow the line of their group, once. */
  @Test
  void shouldFindRewardsThatBelongToNoGroup() throws Exception {
    Path path = folder.resolve("ledger");
    Files.writeString(path, REWARDED + "\n");
    LedgerEntry rewarded = LedgerFile.read(path).entries().get(0);
    List<LedgerEntry> right = lines();
    right.add(indexOf(right, new GroupId(0, 1)) + 1, rewarded);
    assertTrue(LedgerAudit.of(right).balanced(), () -> LedgerAudit.of(right).problems().toString());
    String words = "the rewards of group 0.1 in step 0 do not follow its only line";
    expectProblem(words, l -> l.add(indexOf(l, new GroupId(0, 2)) + 1, rewarded));
    expectProblem(words, l -> l.add(1, rewarded));
    expectProblem(
        words, l -> l.addAll(indexOf(l, new GroupId(0, 1)) + 1, List.of(rewarded, rewarded)));
  }

  @Test
  void shouldRefuseAFileThatIsNotTheRuns() throws Exception {
    Path path = folder.resolve("ledger");
    write(path, lines());
    assertThrows(FileAlreadyExistsException.class, () -> LedgerFile.create(path));
    LedgerCorruptException cut =
        assertThrows(
            LedgerCorruptException.class,
            () -> LedgerFile.resume(path, Files.size(path) + 1, copy(), () -> {}));
    assertTrue(cut.getMessage().contains("it was cut or replaced"), cut::getMessage);
    Files.writeString(path, "not json\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    LedgerCorruptException corrupt =
        assertThrows(LedgerCorruptException.class, () -> LedgerFile.read(path));
    assertTrue(corrupt.getMessage().contains("is not a ledger entry"), corrupt::getMessage);
  }
}
