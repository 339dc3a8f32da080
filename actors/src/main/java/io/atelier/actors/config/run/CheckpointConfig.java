package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;

/**
 * When checkpoints are written.
 *
 * @param every steps between two checkpoints, at least 1; the last step always has one
 * @param keep checkpoints that stay in the run folder, newest first, at least 1
 */
public record CheckpointConfig(int every, int keep) {

  public CheckpointConfig {
    require(every >= 1, "every is %d, must be at least 1", every);
    require(keep >= 1, "keep is %d, must be at least 1", keep);
  }

  public static CheckpointConfig from(Section section) {
    return section.build(
        () -> new CheckpointConfig(section.integer("every"), section.integer("keep")));
  }
}
