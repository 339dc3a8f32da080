package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import io.atelier.actors.config.section.Seed;

/**
 * What a run is as a whole.
 *
 * @param dir folder that the run writes; empty for the next free one under {@code runs}
 * @param steps learner updates to take, at least 1
 * @param seed decides all randomness of the run; 64 bits without a sign, see {@link Seed}
 * @param threads native threads of one operation, at least 1; results depend on it in the last bits
 * @param accept fingerprint of what the run may go on as, though it began as something else; empty
 *     for nothing
 * @param amendments file of values that are others from a step on, as a run folder has it; empty
 *     for none
 */
public record RunConfig(
    String dir, int steps, long seed, int threads, String accept, String amendments) {

  public RunConfig {
    require(steps >= 1, "steps is %d, must be at least 1", steps);
    require(threads >= 1, "threads is %d, must be at least 1", threads);
    require(
        accept.isEmpty() || accept.matches("[0-9a-f]{16}"),
        "accept is \"%s\", must be the 16 letters that a refusal to go on names, or empty",
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
