package io.atelier.actors.run.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.port.Clock;
import io.atelier.actors.run.alarm.Alarms.Alarm;
import io.atelier.actors.run.alarm.Alarms.Course;
import io.atelier.actors.run.alarm.Alarms.Severity;
import io.atelier.actors.run.metrics.TrainedGroups;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AlarmWatchTest {

  private final List<String> said = new ArrayList<>();
  private long seconds;
  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return seconds * 1_000_000_000L;
        }

        @Override
        public long epochMillis() {
          throw new AssertionError("a watch that is set may jump");
        }
      };

  private AlarmWatch watch(Function<Course, List<Alarm>> alarms) {
    return new AlarmWatch(
        new RunCurves(new TreeMap<>(), new TreeMap<>()),
        OptionalInt.empty(),
        false,
        clock,
        said::add,
        alarms);
  }

  private static Map<String, Object> line(int step) {
    return Map.of("step", step, "seconds", 10.0, "reward/total", 1.0);
  }

  private static Alarm alarm(String name, String about, Severity severity, int step) {
    return new Alarm(name, about, severity, step, "at %d it was so".formatted(step));
  }

  /** What is said after each of some steps, of which each raises what is given for it. */
  private List<List<String>> said(List<List<Alarm>> bySteps) {
    AlarmWatch watch = watch(course -> bySteps.get(course.curves().trained() - 1));
    List<List<String>> all = new ArrayList<>();
    for (int step = 1; step <= bySteps.size(); step++) {
      said.clear();
      watch.step(line(step));
      all.add(List.copyOf(said));
      assertEquals(bySteps.get(step - 1), watch.raised());
    }
    return all;
  }

  @Test
  void shouldSayWhatIsRaisedOnceAndThatItIsCleared() {
    assertEquals(
        List.of(
            List.of(),
            List.of("WARNING slow: at 2 it was so"),
            List.of(),
            List.of("cleared after step 4: slow", "ALARM hacking: at 4 it was so"),
            List.of("WARNING slow: at 5 it was so")),
        said(
            List.of(
                List.of(),
                List.of(alarm("slow", "", Severity.WARNING, 2)),
                List.of(alarm("slow", "", Severity.WARNING, 3)),
                List.of(alarm("hacking", "", Severity.ALARM, 4)),
                List.of(
                    alarm("hacking", "", Severity.ALARM, 5),
                    alarm("slow", "", Severity.WARNING, 5)))));
  }

  @Test
  void shouldSayItAgainWhenItGetsMoreSevere() {
    assertEquals(
        List.of(List.of("WARNING slow: at 1 it was so"), List.of("ALARM slow: at 2 it was so")),
        said(
            List.of(
                List.of(alarm("slow", "", Severity.WARNING, 1)),
                List.of(alarm("slow", "", Severity.ALARM, 2)))));
  }

  @Test
  void shouldTellCriticsApart() {
    assertEquals(
        List.of(
            List.of("WARNING critic-too-good: at 1 it was so"),
            List.of("WARNING critic-too-good: at 2 it was so"),
            List.of("cleared after step 3: critic-too-good of look")),
        said(
            List.of(
                List.of(alarm("critic-too-good", "look", Severity.WARNING, 1)),
                List.of(
                    alarm("critic-too-good", "look", Severity.WARNING, 1),
                    alarm("critic-too-good", "words", Severity.WARNING, 2)),
                List.of(alarm("critic-too-good", "words", Severity.WARNING, 2)))));
  }

  /** Six steps of 10 s and 60 s: nothing may end for two minutes. */
  @Test
  void shouldTellOfAStandstillByTheTimeThatPasses() {
    AlarmWatch watch = watch(Alarms::of);
    watch.begun();
    watch.step(line(1));
    seconds += 120;
    watch.beat();
    assertEquals(List.of(), said);
    seconds += 1;
    watch.beat();
    watch.beat();
    assertEquals(1, said.size(), said::toString);
    assertTrue(said.get(0).startsWith("ALARM no-progress: no progress for 2m01,"), said::toString);
    watch.step(line(2));
    assertEquals("cleared after step 2: no-progress", said.get(1));
    assertEquals(List.of(), watch.raised());
  }

  @Test
  void shouldNotTakeAPauseOrAnEndForAStandstill() {
    AlarmWatch watch = watch(Alarms::of);
    watch.begun();
    watch.step(line(1));
    watch.paused(true);
    seconds += 3600;
    watch.beat();
    watch.paused(false);
    watch.beat();
    seconds += 120;
    watch.beat();
    watch.stopping();
    seconds += 3600;
    watch.beat();
    assertEquals(List.of(), said);
  }

  @Test
  void shouldSayOnceThatTheyCannotBeComputedAndGoOn() {
    Optional<RuntimeException> error = Optional.of(new IllegalStateException("no curves"));
    List<Optional<RuntimeException>> errors =
        List.of(error, error, Optional.empty(), Optional.of(new ArithmeticException("by zero")));
    AlarmWatch watch =
        watch(
            course -> {
              errors
                  .get(course.curves().trained() - 1)
                  .ifPresent(
                      e -> {
                        throw e;
                      });
              return List.of();
            });
    for (int step = 1; step <= errors.size(); step++) {
      watch.step(line(step));
    }
    assertEquals(
        List.of(
            "WARNING: the alarms of this run cannot be computed now:"
                + " java.lang.IllegalStateException: no curves",
            "WARNING: the alarms of this run cannot be computed now:"
                + " java.lang.ArithmeticException: by zero"),
        said);
  }

  /** The first two phases of these groups take 1 and 2 ms; see {@link TrainedGroups}. */
  @Test
  void shouldHandTheMeanPartsOfTheLastStepsOn() {
    List<Course> seen = new ArrayList<>();
    AlarmWatch watch =
        watch(
            course -> {
              seen.add(course);
              return List.of();
            });
    for (int step = 0; step < 62; step++) {
      watch.group(TrainedGroups.of(step, 0));
      watch.group(TrainedGroups.of(step, 1));
      watch.step(line(step + 1));
    }
    assertEquals(60, seen.get(61).phases().size());
    assertEquals(62, seen.get(61).phases().lastKey());
    assertEquals(0.002, seen.get(61).phases().get(62).get("generate"), 1e-12);
  }
}
