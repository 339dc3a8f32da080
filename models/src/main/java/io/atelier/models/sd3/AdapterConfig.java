package io.atelier.models.sd3;

import java.util.List;
import java.util.Map;

/**
 * Size and targets of a low-rank adapter (LoRA, Hu et al. 2021).
 *
 * @param rank inner width r of the two factors, at least 1
 * @param alpha numerator of the scale alpha / r, positive
 * @param targets adapted linear maps, by the end of their name after a dot, as in PEFT: {@code
 *     attn.to_q} is in {@code transformer_blocks.0.attn.to_q}, not in {@code
 *     transformer_blocks.0.attn2.to_q}
 */
public record AdapterConfig(int rank, double alpha, List<String> targets) implements Trained {

  /** The eight projections of the joint attention, as in Flow-GRPO. */
  public static final List<String> JOINT_ATTENTION =
      List.of(
          "attn.to_q",
          "attn.to_k",
          "attn.to_v",
          "attn.to_out.0",
          "attn.add_q_proj",
          "attn.add_k_proj",
          "attn.add_v_proj",
          "attn.to_add_out");

  public AdapterConfig {
    if (rank < 1) {
      throw new IllegalArgumentException("rank is %d, must be at least 1".formatted(rank));
    }
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException("alpha is %s, must be positive".formatted(alpha));
    }
    if (targets.isEmpty()) {
      throw new IllegalArgumentException(
          "an adapter needs at least one target, such as %s".formatted(JOINT_ATTENTION));
    }
    targets = List.copyOf(targets);
  }

  /** Adapters of the joint attention, scale alpha / rank. */
  public static AdapterConfig of(int rank, double alpha) {
    return new AdapterConfig(rank, alpha, JOINT_ATTENTION);
  }

  /**
   * @throws IllegalArgumentException naming the target that is not a linear map, and the available
   *     ones
   */
  @Override
  public Map<String, long[]> shapes(MmditConfig network) {
    return MmditAdapter.shapes(network, this);
  }

  /** Factor of the adapter's output. */
  public double scale() {
    return alpha / rank;
  }
}
