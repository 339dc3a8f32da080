package io.atelier.actors;

import io.atelier.actors.transport.BlobKind;
import io.atelier.reward.GroupFeatures;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Trajectory;

/** The types of blobs that workers and learners exchange. */
public final class Blobs {
  public static final BlobKind<ImageGroup> IMAGES =
      new BlobKind<>(ImageGroup.class, new ImageGroupCodec());

  public static final BlobKind<Trajectory> TRAJECTORY =
      new BlobKind<>(Trajectory.class, new TrajectoryCodec());

  public static final BlobKind<GroupFeatures> FEATURES =
      new BlobKind<>(GroupFeatures.class, new GroupFeaturesCodec());

  private Blobs() {}
}
