package io.atelier.reward.adversarial;

/** How the local logits of several maps become one. */
public enum Fusion {
  /** Their mean; the maps share the head's last layer. */
  MEAN,
  /**
   * {@code sum_t a_t s_t} with {@code a = softmax(G s + c)} of the maps' logits s, where G and c
   * learn; each map has a last layer of its own. As the program of Adv-GRPO fuses what comes out of
   * several blocks of a DINOv2.
   */
  GATED
}
