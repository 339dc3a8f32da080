package io.atelier.actors.experiment;

import io.atelier.actors.run.alarm.RunCurves;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A run of an arm with one seed. Its place is named by its settings, so that experiments with the
 * same arm share it, and one whose settings changed is run again.
 */
interface ArmRun extends Job {

  /** Letters of the hash of the settings in a name. */
  int LETTERS = 8;

  /** Returns its name among those of its kind: the last part of {@link #place()}. */
  default String key() {
    return place().getFileName().toString();
  }

  /** Returns everything that decides the result, by key, with the defaults of the program. */
  SortedMap<String, String> deciding();

  /**
   * Returns its measurements, if it is done.
   *
   * @throws io.atelier.actors.run.file.RunFolderException if what is there was made with other
   *     settings
   */
  Optional<RunCurves> curves();

  @Override
  default boolean isDone() {
    return curves().isPresent();
  }

  /** Returns an arm's name with the seed. */
  static String name(Arm arm, long seed) {
    return "%s, seed %s".formatted(arm.name(), Long.toUnsignedString(seed));
  }

  /**
   * Describes the first key whose value differs; empty if none does. Keys of only one side do not
   * count: the program may have gained or lost a key since.
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
