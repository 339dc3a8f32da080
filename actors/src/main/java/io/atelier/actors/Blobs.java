package io.atelier.actors;

import io.atelier.actors.transport.BlobKind;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Trajectory;

/** The types of blobs that workers and learners exchange. */
final class Blobs {
  static final BlobKind<ImageGroup> IMAGES =
      new BlobKind<>(ImageGroup.class, group -> group.images().rgb().length);

  static final BlobKind<Trajectory> TRAJECTORY =
      new BlobKind<>(
          Trajectory.class,
          t ->
              (long) Float.BYTES
                  * ((long) t.before().length
                      + t.after().length
                      + t.mean().length
                      + t.logProb().length));

  static final BlobKind<GroupFeatures> FEATURES =
      new BlobKind<>(GroupFeatures.class, f -> bytes(f.features()));

  private Blobs() {}

  private static long bytes(NamedTensors tensors) {
    return Float.BYTES * tensors.elements();
  }
}
