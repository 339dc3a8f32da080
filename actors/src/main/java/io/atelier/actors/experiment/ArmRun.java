package io.atelier.actors.experiment;

import io.atelier.actors.run.alarm.RunCurves;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * An arm with one seed. Its place is named by its settings, so that experiments with the same arm
 * share it, and one whose settings were changed is done again.
 */
interface ArmRun extends Job {

  /** Letters of a hash that tell settings apart. */
  int LETTERS = 8;

  /** Which of the places of its kind it has: the last part of {@link #place()}. */
  default String key() {
    return place().getFileName().toString();
  }

  /** All that decides what comes out, by key, with the defaults of the program. */
  SortedMap<String, String> deciding();

  /**
   * What it measured, if it is done.
   *
   * @throws io.atelier.actors.run.file.RunFolderException if what is there was made with other
   *     settings
   */
  Optional<RunCurves> curves();

  @Override
  default boolean isDone() {
    return curves().isPresent();
  }

  /** An arm's name beside the seed. */
  static String name(Arm arm, long seed) {
    return "%s, seed %s".formatted(arm.name(), Long.toUnsignedString(seed));
  }

  /**
   * The first key whose value differs, in a sentence; empty if there is none. What only one side
   * has does not count: the program may have got a key since, or lost one.
   */
  static Optional<String> difference(Map<String, String> before, Map<String, String> now) {
    return now.entrySet().stream()
        .filter(entry -> before.containsKey(entry.getKey()))
        .filter(entry -> !before.get(entry.getKey()).equals(entry.getValue()))
        .map(
            entry ->
                "%s = %s, which is %s now"
                    .formatted(entry.getKey(), before.get(entry.getKey()), entry.getValue()))
        .findFirst();
  }
}
