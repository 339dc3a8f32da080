package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.port.PictureSink;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.tests.toy.ToyRun;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pictures are made, kept and lost beside a run, which is the same with them and without. */
@Timeout(180)
class PicturesRunTest {

  private static final int STEPS = 4;
  private static final List<Integer> ALL = IntStream.rangeClosed(1, STEPS).boxed().toList();

  private String policyHash;

  /** What was kept, by step. */
  private final Map<Integer, List<PictureSink.Pictured>> kept =
      Collections.synchronizedMap(new TreeMap<>());

  private class Shelf implements PictureSink {
    @Override
    public void begin() {}

    @Override
    public void keep(int step, List<Pictured> groups) {
      kept.put(step, groups);
    }

    @Override
    public void close() {}
  }

  private static ToyRun run() {
    return new ToyRun(Schedule.fixedLag(1, 1), STEPS);
  }

  private void assertSame(ToyRun run) throws Exception {
    RunEnd end = run.start().awaitBalanced();
    assertEquals(policyHash, end.policyHash());
    assertEquals(0, run.nodes.held("leader"), "bytes that nobody let go of");
  }

  @BeforeEach
  void trainWithout() throws Exception {
    ToyRun run = run();
    policyHash = run.start().awaitBalanced().policyHash();
    assertTrue(run.groups.stream().noneMatch(PicturesRunTest::isPictured));
  }

  private static boolean isPictured(TrainedGroup group) {
    return group.group().scoring().pictures().isPresent();
  }

  @Test
  void shouldKeepPicturesOfEveryStepAndTrainTheSame() throws Exception {
    ToyRun run = run();
    run.workers = new RunSetup.Workers(2, 2, 0, 3, "toys");
    run.pictures = Optional.of(new RunSetup.Pictures(8, new Shelf()));
    assertSame(run);
    assertEquals(ALL, List.copyOf(kept.keySet()));
    for (PictureSink.Pictured group : kept.get(3)) {
      int images = group.group().credit().rewards().length;
      assertEquals(images, group.pictures().orElseThrow().jpegs().size());
      assertEquals(2, group.group().trace().step());
      assertArrayEquals(
          group.group().group().scoring().scores().total(), group.group().credit().rewards());
    }
    assertTrue(run.groups.stream().allMatch(PicturesRunTest::isPictured));
  }

  @Test
  void shouldTrainTheSameWhenPicturesAreLost() throws Exception {
    ToyRun run = run();
    run.losesPictures = true;
    run.pictures = Optional.of(new RunSetup.Pictures(8, new Shelf()));
    assertSame(run);
    assertEquals(ALL, List.copyOf(kept.keySet()));
    kept.values()
        .forEach(
            groups -> groups.forEach(group -> assertEquals(Optional.empty(), group.pictures())));
  }

  @Test
  void shouldTrainTheSameWhenPicturesCannotBeKept() throws Exception {
    ToyRun run = run();
    run.pictures =
        Optional.of(
            new RunSetup.Pictures(
                8,
                new Shelf() {
                  @Override
                  public void begin() {
                    throw new IllegalStateException("that is no folder");
                  }
                }));
    assertSame(run);
    assertEquals(Map.of(), kept);
  }
}
