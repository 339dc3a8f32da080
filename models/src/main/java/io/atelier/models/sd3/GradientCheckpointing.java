package io.atelier.models.sd3;

/**
 * Whether gradients of the velocity network are computed by gradient checkpointing: one more
 * forward pass, and memory for one block instead of all. On the CPU the gradients are
 * bit-identical.
 */
public enum GradientCheckpointing {
  /** If all blocks together would keep more than {@link #LIMIT} bytes. */
  AUTO,
  /** Always. */
  ON,
  /** Never. */
  OFF;

  /** What a pass may keep under {@link #AUTO}, in bytes. */
  public static final long LIMIT = 2L << 30;

  /**
   * Values that a block keeps for the backward pass, per token and unit of its width. Measured on
   * three networks with an adapter: 33 to 37, and 44 where two blocks of three have a second
   * attention.
   */
  private static final int KEPT = 36;

  private static final int KEPT_DUAL = 48;

  /** Whether a pass that would keep {@code bytes} is checkpointed. */
  public boolean applies(long bytes) {
    return this == ON || this == AUTO && bytes > LIMIT;
  }

  /**
   * Estimated bytes that a pass with gradients keeps until the backward pass, without
   * checkpointing.
   *
   * @param latents latents at once, both branches of the guidance counted
   * @param tokens image patches and text tokens of each
   * @param copied whether a block also keeps its weights in float32, because they are stored in
   *     half precision or have an adapter added to them
   */
  public static long bytes(MmditConfig network, long latents, long tokens, boolean copied) {
    int dual = network.dualLayers().size();
    long kept = (long) KEPT * (network.layers() - dual) + (long) KEPT_DUAL * dual;
    long activations = Float.BYTES * latents * tokens * network.width() * kept;
    return activations + (copied ? Float.BYTES * network.parameters() : 0);
  }

  /** The same with checkpointing: the inputs of every block, and all of one block. */
  public static long checkpointedBytes(
      MmditConfig network, long latents, long tokens, boolean copied) {
    long inputs = Float.BYTES * latents * tokens * network.width() * (network.layers() + 1L);
    return inputs + bytes(network, latents, tokens, copied) / network.layers();
  }
}
