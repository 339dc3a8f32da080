package io.atelier.actors.port;

import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.report.TrainedGroup;
import java.util.List;
import java.util.Optional;

/**
 * Keeps pictures of training images. Called from one thread at a time, which it may hold up. What
 * it throws does no harm to the run: it stands in the log, and the pictures are not kept.
 */
public interface PictureSink extends AutoCloseable {

  /**
   * A group of a step.
   *
   * @param pictures of its images; empty where there are none, or they were lost on the way
   */
  record Pictured(TrainedGroup group, Optional<GroupPictures> pictures) {}

  /** First call. */
  void begin();

  /**
   * Keeps what it wants of a step.
   *
   * @param step updates that the policy has seen once this step is trained
   * @param groups all of the step, in slot order
   */
  void keep(int step, List<Pictured> groups);

  /** Last call, also if the first failed. */
  @Override
  void close();
}
