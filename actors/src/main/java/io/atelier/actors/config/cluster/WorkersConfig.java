package io.atelier.actors.config.cluster;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;

/**
 * The workers of a run in one JVM.
 *
 * @param rollout rollout workers, at least 1; the result of a reproducible schedule does not depend
 *     on it
 * @param reward reward workers, at least 1; the same
 * @param gradient gradient workers that help the learner, at least 0; the same
 * @param restarts how often one worker is replaced after a failure before the run gives up
 * @param blobMegabytes limit of images, trajectories and features held at once, in MiB
 */
public record WorkersConfig(
    int rollout, int reward, int gradient, int restarts, int blobMegabytes) {

  public WorkersConfig {
    require(rollout >= 1, "rollout is %d, must be at least 1", rollout);
    require(reward >= 1, "reward is %d, must be at least 1", reward);
    require(gradient >= 0, "gradient is %d, must not be negative", gradient);
    require(restarts >= 0, "restarts is %d, must not be negative", restarts);
    require(blobMegabytes >= 1, "blob-megabytes is %d, must be at least 1", blobMegabytes);
  }

  /** Returns the limit of blobs in bytes. */
  public long blobBytes() {
    return (long) blobMegabytes << 20;
  }

  public static WorkersConfig from(Section section) {
    return section.build(
        () ->
            new WorkersConfig(
                section.integer("rollout"),
                section.integer("reward"),
                section.integer("gradient"),
                section.integer("restarts"),
                section.integer("blob-megabytes")));
  }
}
