package io.atelier.actors.run.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two conductors write one folder: the old one was replaced in the middle of a checkpoint, at every
 * place in turn, and goes on as if it were not. Whether the fence tells it or, as a network file
 * system may, tells it too late: the newer one's checkpoints stay as they are, and the run goes on
 * from them.
 */
class CheckpointEpochsTest {

  @TempDir Path folder;
  private final List<String> skipped = new ArrayList<>();

  private Path root;
  private Path ledger;

  private void setUp(int n) throws IOException {
    root = folder.resolve("run-" + n);
    Files.createDirectories(root);
    ledger = Files.write(root.resolve("ledger"), new byte[1_000]);
    store(1, 2, path -> {}).save(States.of(1, 1), "", hash(100));
  }

  private CheckpointStore store(int epoch, int keep, Consumer<Path> before) {
    return new CheckpointStore(root.resolve("checkpoints"), keep, epoch, before);
  }

  private String hash(int length) {
    try {
      return Durable.sha256(ledger, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The newer conductor goes on from step 1 with a ledger of its own, to step 3. */
  private void takeOver() {
    try {
      byte[] other = new byte[1_000];
      other[150] = 1;
      Files.delete(ledger);
      Files.write(ledger, other);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CheckpointStore newer = store(2, 2, path -> {});
    newer.save(States.of(2, 22), "newer", hash(200));
    newer.save(States.of(3, 33), "newer", hash(300));
  }

  private CheckpointStore reader() {
    return store(0, 1, path -> {});
  }

  @ParameterizedTest
  @ValueSource(strings = {"fenced", "too late", "too late, over a damaged one"})
  void shouldLeaveWhatANewerConductorWroteAtEveryStep(String how) throws IOException {
    boolean fenced = how.equals("fenced");
    int places = 0;
    boolean reached = true;
    for (int at = 0; reached; at++) {
      setUp(at);
      if (how.endsWith("damaged one")) {
        Files.write(root.resolve("checkpoints/step-000002"), new byte[3]);
      }
      int[] count = {0};
      int stopsAt = at;
      CheckpointStore old =
          store(
              1,
              2,
              path -> {
                if (count[0]++ == stopsAt) {
                  takeOver();
                }
                if (fenced && count[0] > stopsAt) {
                  throw new ReplacedException("replaced");
                }
              });
      String place = how + ", place " + at;
      try {
        old.save(States.of(2, 11), "old", hash(200));
      } catch (ReplacedException | WriteFailedException e) {
        // either is right: what counts is what is left
      }
      reached = count[0] > at;
      if (reached) {
        places++;
        assertEquals(3, reader().latest(ledger, skipped::add).orElseThrow().step(), place);
        assertEquals(List.of(), skipped, place);
        Path second = root.resolve("checkpoints/step-000002");
        States.assertSame(States.of(2, 22), Checkpoint.read(second));
        // its next checkpoint clears away what the old one left
        store(2, 2, path -> {}).save(States.of(4, 44), "newer", hash(400));
        assertEquals(
            List.of(), left().stream().filter(name -> name.startsWith(".")).toList(), place);
      }
    }
    assertTrue(places > 7, "only " + places + " places");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldGoOnWhenTheOldOneWritesWhileItWrites(int step) throws IOException {
    boolean reached = true;
    for (int at = 0; reached; at++) {
      setUp(at);
      int[] count = {0};
      int stopsAt = at;
      Runnable late =
          () -> {
            try {
              store(1, 2, path -> {}).save(States.of(step, 11), "old", "0".repeat(64));
            } catch (ReplacedException e) {
              assertTrue(stopsAt > 0, "replaced by what is not there yet");
            }
          };
      CheckpointStore newer =
          store(
              2,
              2,
              path -> {
                if (count[0]++ == stopsAt) {
                  late.run();
                }
              });
      newer.save(States.of(2, 22), "newer", hash(200));
      reached = count[0] > at;
      skipped.clear();
      assertEquals(2, reader().latest(ledger, skipped::add).orElseThrow().step(), "place " + at);
      States.assertSame(States.of(2, 22), reader().latest(ledger, skipped::add).orElseThrow());
      newer.save(States.of(3, 33), "newer", hash(300));
      States.assertSame(States.of(3, 33), reader().latest(ledger, skipped::add).orElseThrow());
    }
  }

  private List<String> left() throws IOException {
    try (Stream<Path> entries = Files.list(root.resolve("checkpoints"))) {
      return entries.map(path -> path.getFileName().toString()).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".writing-3-step-000009", ".old-2-step-000009", ".writing-x-step-000009"})
  void shouldClearAwayOnlyWhatIsItsOwnOrOlder(String others) throws IOException {
    setUp(0);
    Path newer = Files.createDirectories(root.resolve("checkpoints").resolve(others));
    Path older = Files.createDirectories(newer.resolveSibling(".writing-0-step-000002"));
    store(1, 2, path -> {}).save(States.of(2, 1), "", hash(200));
    assertTrue(Files.exists(newer));
    assertFalse(Files.exists(older));
  }
}
