package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.rollout.sampler.RolloutConfig;

/** Approximate memory of a pass through the network of a model, in bytes. */
final class PassMemory {

  /**
   * Values per token and unit of width that a block computes in the forward pass: queries, keys and
   * values, four times the width in the feed-forward, and the outputs of norms and sums.
   */
  private static final int BLOCK = 12;

  /** Bytes per value of the largest half-precision matrix while it is used. */
  private static final int UNPACKED = 6;

  private PassMemory() {}

  /**
   * Memory of a worker while it samples.
   *
   * @param rows latents at once, both guidance branches counted
   */
  static long sampling(PipelineFolder folder, Trained which, RolloutConfig rollout, long rows) {
    MmditConfig network = folder.transformerConfig();
    VaeConfig vae = folder.vaeConfig();
    long velocity =
        Float.BYTES * rows * tokens(folder, rollout) * network.width() * BLOCK
            + unpacked(folder, which);
    int together = vae.together(rollout.decodeBatch(), rollout.height(), rollout.width());
    long decoding = together * vae.passBytes(rollout.height(), rollout.width());
    return Math.max(velocity, decoding);
  }

  private static long unpacked(PipelineFolder folder, Trained which) {
    MmditConfig network = folder.transformerConfig();
    return isPacked(folder, which) ? UNPACKED * 9L * network.width() * network.width() : 0;
  }

  private static boolean isPacked(PipelineFolder folder, Trained which) {
    MmditConfig network = folder.transformerConfig();
    return !which.isAll() && folder.loadedBytes("transformer") < Float.BYTES * network.parameters();
  }

  /**
   * Activations that a pass with gradients keeps for its backward pass.
   *
   * @param rows latents at once, both guidance branches counted
   */
  static long learning(
      PipelineFolder folder,
      Trained which,
      RolloutConfig rollout,
      GradientCheckpointing checkpointing,
      long rows) {
    MmditConfig network = folder.transformerConfig();
    long tokens = tokens(folder, rollout);
    boolean packed = isPacked(folder, which);
    boolean checkpointed =
        checkpointing.applies(GradientCheckpointing.bytes(network, rows, tokens, packed));
    boolean copied = packed || rollout.mergeAdapter() && which instanceof AdapterConfig;
    return checkpointed
        ? GradientCheckpointing.checkpointedBytes(network, rows, tokens, copied)
        : GradientCheckpointing.bytes(network, rows, tokens, copied);
  }

  /** Image patches and text tokens of one latent. */
  private static long tokens(PipelineFolder folder, RolloutConfig rollout) {
    int patch = folder.transformerConfig().patchSize() * folder.vaeConfig().factor();
    long image = (long) (rollout.height() / patch) * (rollout.width() / patch);
    return image
        + folder.clipConfig("text_encoder").positions()
        + (folder.hasT5() ? ComputeFactory.T5_LENGTH : 0);
  }
}
