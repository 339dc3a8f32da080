package io.atelier.actors.codec;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.WeightCodec;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.rollout.Trajectory;

/** Kinds of the blobs that workers and learners exchange. */
public final class Blobs {
  public static final BlobKind<DrawnGroup> IMAGES =
      new BlobKind<>(DrawnGroup.class, new DrawnGroupCodec());

  public static final BlobKind<Trajectory> TRAJECTORY =
      new BlobKind<>(Trajectory.class, new TrajectoryCodec());

  public static final BlobKind<GroupFeatures> FEATURES =
      new BlobKind<>(GroupFeatures.class, new GroupFeaturesCodec());

  public static final BlobKind<GroupPictures> PICTURES =
      new BlobKind<>(GroupPictures.class, new GroupPicturesCodec());

  public static final BlobKind<EvaluationReport> EVALUATION =
      new BlobKind<>(EvaluationReport.class, new EvaluationReportCodec());

  /** Gradients, and weights within a learner step. */
  public static final BlobKind<NamedTensors> TENSORS =
      new BlobKind<>(NamedTensors.class, new NamedTensorsCodec());

  /** Pieces of versions of weights. */
  public static final WeightCodec<WeightPiece> PIECES = new WeightPieceCodec();

  private Blobs() {}
}
