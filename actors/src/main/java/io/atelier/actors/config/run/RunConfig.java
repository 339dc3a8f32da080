package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import io.atelier.actors.config.section.Seed;

/**
 * Settings of a run as a whole.
 *
 * @param dir folder that the run writes; empty for the next free one under {@code runs}
 * @param steps learner updates to take, at least 1
 * @param seed decides all randomness of the run; unsigned 64 bits, see {@link Seed}
 * @param threads native threads of one operation, at least 1; results depend on it in the last bits
 * @param accept fingerprint with which the run may resume although it began with another; empty for
 *     none
 * @param amendments file of values that change from a step on, in the format of a run folder; empty
 *     for none
 */
public record RunConfig(
    String dir, int steps, long seed, int threads, String accept, String amendments) {

  public RunConfig {
    require(steps >= 1, "steps is %d, must be at least 1", steps);
    require(threads >= 1, "threads is %d, must be at least 1", threads);
    require(
        accept.isEmpty() || accept.matches("[0-9a-f]{16}"),
        "accept is \"%s\", must be the 16 hex digits that a refused resume names, or empty",
        accept);
  }

  public static RunConfig from(Section section) {
    return section.build(
        () ->
            new RunConfig(
                section.path("dir"),
                section.integer("steps"),
                section.seed("seed"),
                section.integer("threads"),
                section.text("accept"),
                section.path("amendments")));
  }
}
