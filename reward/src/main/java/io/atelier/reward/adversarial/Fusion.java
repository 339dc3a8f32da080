package io.atelier.reward.adversarial;

/** How the local logits of several maps are combined. */
public enum Fusion {
  /** Their mean; the maps share the head's last layer. */
  MEAN,
  /**
   * {@code sum_t a_t s_t} with {@code a = softmax(G s + c)} of the maps' logits s, where G and c
   * are trained; each map has its own last layer. Source: the published code of Adv-GRPO, which
   * fuses the outputs of several DINOv2 blocks this way.
   */
  GATED
}
