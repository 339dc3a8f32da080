package io.atelier.actors.port;

import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.report.TrainedGroup;
import java.util.List;
import java.util.Optional;

/**
 * Keeps pictures of training images. Called from one thread at a time, which it may block. An
 * exception does not affect the run: it is logged, and the pictures are not kept.
 */
public interface PictureSink extends AutoCloseable {

  /**
   * A group of a step.
   *
   * @param pictures of its images; empty if there are none, or they were lost in transfer
   */
  record Pictured(TrainedGroup group, Optional<GroupPictures> pictures) {}

  /** First call. */
  void begin();

  /**
   * Keeps a selection of a step's pictures.
   *
   * @param step policy updates once this step is trained
   * @param groups all groups of the step, in slot order
   */
  void keep(int step, List<Pictured> groups);

  /** Last call, also if the first failed. */
  @Override
  void close();
}
