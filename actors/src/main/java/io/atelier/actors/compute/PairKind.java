package io.atelier.actors.compute;

import java.nio.file.Path;
import java.util.Locale;

/** Files that pairs of a better and a worse image are read from. */
public enum PairKind {
  /** {@code {"prompt": ..., "clean": ..., "damaged": ...}} on each line. */
  PAIRS,
  /** {@link io.atelier.actors.people.Label}: a good one and an artifact of the same prompt. */
  LABELS,
  /** {@link io.atelier.actors.people.Vote}: what was preferred, and what it was held against. */
  PREFERENCES;

  /** The option that names the file. */
  public String option() {
    return "--" + name().toLowerCase(Locale.ROOT);
  }

  PairFile read(Path file) {
    return switch (this) {
      case PAIRS -> PairFile.read(option(), file);
      case LABELS -> PairFile.ofLabels(option(), file);
      case PREFERENCES -> PairFile.ofVotes(option(), file);
    };
  }
}
