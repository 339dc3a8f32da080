package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.NativeMemory;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The velocity network of the Stable Diffusion 3 family (Esser et al. 2024, section 4): image
 * patches and text tokens in two streams that attend jointly, each block modulated by the noise
 * level and the pooled text.
 *
 * <p>Inputs are R rows of conditions and B = R·n latents; row r conditions the latents r·n to r·n +
 * n − 1. Values that depend on the conditions alone are computed per row, not per latent.
 */
public final class Mmdit {

  /** Width of the sinusoidal features of the noise level, the same for the whole family. */
  static final int SINUSOIDS = 256;

  /** Number of weights from which memory freed by computing is worth returning to the system. */
  private static final long LARGE = 1L << 28;

  private static final String TEXT = "context_embedder";

  /** Linear maps outside the blocks that can be adapted. */
  private static final List<String> OUTSIDE = List.of(TEXT, "norm_out.linear", "proj_out");

  private final MmditConfig config;
  private final Parameters weights;
  private final ComputeType compute;
  private final boolean large;
  private final NDArray frequencies;
  private final List<MmditBlock> blocks = new ArrayList<>();
  private final Map<String, Projection> outside = new LinkedHashMap<>();

  /**
   * @param scope owns the weights
   */
  public Mmdit(NDManager scope, MmditConfig config, WeightSource source) {
    this(scope, config, Parameters.load(scope, source, config.shapes()), ComputeType.FLOAT32);
  }

  Mmdit(NDManager scope, MmditConfig config, Parameters weights, ComputeType compute) {
    this.compute = compute;
    this.large = config.parameters() >= LARGE;
    this.config = config;
    this.weights = weights;
    this.frequencies =
        scope
            .arange(0f, SINUSOIDS / 2f, 1f, DataType.FLOAT32)
            .mul(Host.toNative(scope, (float) -Math.log(10_000)))
            .div(Host.toNative(scope, SINUSOIDS / 2f))
            .exp();
    for (int layer = 0; layer < config.layers(); layer++) {
      blocks.add(new MmditBlock(scope, weights, config, layer));
    }
    for (String name : OUTSIDE) {
      outside.put(
          name,
          new Projection(scope, "map", weights.get(name + ".weight"), weights.get(name + ".bias")));
    }
  }

  public MmditConfig config() {
    return config;
  }

  public Parameters weights() {
    return weights;
  }

  /** The type it computes in. */
  public ComputeType compute() {
    return compute;
  }

  /** Returns memory freed by computing to the system, if the network is large. */
  public void trimMemory() {
    if (large) {
      NativeMemory.trim();
    }
  }

  List<MmditBlock> blocks() {
    return blocks;
  }

  /** Every linear map that can be adapted, by name; some are fused, see {@link MmditBlock}. */
  Map<String, Projection> projections() {
    Map<String, Projection> all = new LinkedHashMap<>(outside);
    blocks.forEach(block -> all.putAll(block.projections()));
    return all;
  }

  /**
   * Whether a linear map of this name can be adapted, or a module of this name be trained while
   * others are frozen. Those that embed the noise level and the pooled text cannot: their output
   * goes into every block, and gradient checkpointing accumulates gradients for them only where the
   * whole network is trained.
   */
  static boolean isAdaptable(String name) {
    return name.startsWith("transformer_blocks.") || OUTSIDE.contains(name);
  }

  /**
   * Computes the velocity at a noise level.
   *
   * @param latents (B, channels, H, W), H and W multiples of the patch size
   * @param timestep noise level times 1000, (R), float32
   * @param context text features, (R, tokens, jointDim)
   * @param pooled pooled text vector, (R, pooledDim)
   * @return velocity, (B, channels, H, W), owned by the manager of {@code latents}
   */
  public NDArray forward(NDArray latents, NDArray timestep, NDArray context, NDArray pooled) {
    return forward(latents, timestep, context, 1, pooled);
  }

  /**
   * As {@link #forward(NDArray, NDArray, NDArray, NDArray)}, where the last text token stands for
   * several equal ones, such as the zeros of an absent T5. Equal tokens stay equal through every
   * block, so only one is computed, and as a key it counts {@code lastRepeats} times: the logarithm
   * of that is added to its logits.
   */
  public NDArray forward(
      NDArray latents, NDArray timestep, NDArray context, int lastRepeats, NDArray pooled) {
    Embedded embedded = embed(latents, timestep, context, lastRepeats, pooled);
    MmditBlock.Streams streams = embedded.streams();
    for (MmditBlock block : blocks) {
      streams = through(latents.getManager(), block, streams, embedded);
    }
    return velocity(streams.image(), embedded.condition(), embedded);
  }

  /**
   * The image stream after some of the blocks, for a thread that records no gradients; blocks after
   * the last of these are not computed. Otherwise as {@link #forward(NDArray, NDArray, NDArray,
   * int, NDArray)}.
   *
   * @param after indices of blocks from 0, distinct and ascending
   * @return for each, (B, patches, width), float32, owned by the manager of {@code latents}
   */
  public List<NDArray> hidden(
      NDArray latents,
      NDArray timestep,
      NDArray context,
      int lastRepeats,
      NDArray pooled,
      List<Integer> after) {
    Embedded embedded = embed(latents, timestep, context, lastRepeats, pooled);
    MmditBlock.Streams streams = embedded.streams();
    List<NDArray> hidden = new ArrayList<>();
    for (int block = 0; hidden.size() < after.size(); block++) {
      streams = through(latents.getManager(), blocks.get(block), streams, embedded);
      if (after.contains(block)) {
        hidden.add(
            TorchOps.call("float32", streams.image()).duplicate()); // the next block frees it
      }
    }
    return hidden;
  }

  /** Runs a block; its intermediate results are freed with it, with or without a graph. */
  private static MmditBlock.Streams through(
      NDManager whole, MmditBlock block, MmditBlock.Streams in, Embedded embedded) {
    try (NDManager work = whole.newSubManager()) {
      in.image().attach(work);
      in.context().attach(work);
      MmditBlock.Streams out =
          block.forward(in.image(), in.context(), embedded.condition(), embedded.keyBias());
      out.image().attach(whole);
      out.context().attach(whole);
      return out;
    }
  }

  /**
   * As {@link #forward(NDArray, NDArray, NDArray, int, NDArray)}, for a thread that records
   * gradients, but with gradient checkpointing.
   */
  public Differentiable checkpointed(
      NDArray latents, NDArray timestep, NDArray context, int lastRepeats, NDArray pooled) {
    return Torch.withGradients(
        false,
        (Supplier<Differentiable>)
            () ->
                new CheckpointedForward(
                    this,
                    new CheckpointedForward.Inputs(latents, timestep, pooled),
                    embed(latents, timestep, context, lastRepeats, pooled)));
  }

  /**
   * The inputs of the blocks.
   *
   * @param condition silu of the embedded noise level and pooled text, (R, width)
   * @param text features that the context stream was embedded from, (R, tokens, jointDim)
   * @param keyBias added to the logits of every key of the joint attentions; null for none
   * @param rows rows of patches
   * @param columns columns of patches
   */
  record Embedded(
      MmditBlock.Streams streams,
      NDArray condition,
      NDArray text,
      NDArray keyBias,
      long rows,
      long columns) {}

  /** The context stream at the input of the first block, (R, tokens, width). */
  NDArray embedContext(NDArray text) {
    return outside.get(TEXT).apply(compute.of(text));
  }

  /** The image stream at the input of the first block, (B, patches, width). */
  NDArray embedImage(NDArray latents) {
    return compute.of(embedPatches(latents));
  }

  /** Silu of the embedded noise level and pooled text, (R, width). */
  NDArray condition(NDArray timestep, NDArray pooled) {
    return TorchOps.call("silu", embedCondition(timestep, pooled));
  }

  /** Whether all of its own weights collect gradients. */
  boolean isTrained() {
    return weights.get("pos_embed.proj.weight").hasGradient();
  }

  /** Whether gradients are collected in {@link #embedContext}. */
  boolean trainsContext() {
    return outside.get(TEXT).isTrained();
  }

  private Embedded embed(
      NDArray latents, NDArray timestep, NDArray context, int lastRepeats, NDArray pooled) {
    requireShapes(latents, timestep, context, pooled);
    NDArray x = embedImage(latents);
    NDArray c = embedContext(context);
    NDArray condition = condition(timestep, pooled);
    return new Embedded(
        new MmditBlock.Streams(x, c),
        condition,
        context,
        keyBias(latents, x.getShape().get(1) + c.getShape().get(1), lastRepeats),
        latents.getShape().get(2) / config.patchSize(),
        latents.getShape().get(3) / config.patchSize());
  }

  /** The velocity (B, channels, H, W) from the output of the last block. */
  NDArray velocity(NDArray x, NDArray condition, Embedded embedded) {
    NDArray[] last = MmditBlock.split(outside.get("norm_out.linear").apply(condition), 2);
    NDArray y = outside.get("proj_out").apply(TorchOps.call("modulated_norm", x, last[1], last[0]));
    NDArray velocity =
        TorchOps.call(
            "unpatchify",
            y,
            TorchOps.integer(embedded.rows()),
            TorchOps.integer(embedded.columns()),
            TorchOps.integer(config.patchSize()));
    return compute == ComputeType.FLOAT32 ? velocity : TorchOps.call("float32", velocity);
  }

  /** Bias of the logits of every key, (1, 1, 1, keys); null if all have the same weight. */
  private static NDArray keyBias(NDArray latents, long keys, int lastRepeats) {
    if (lastRepeats == 1) {
      return null;
    }
    float[] bias = new float[Math.toIntExact(keys)];
    bias[bias.length - 1] = (float) Math.log(lastRepeats);
    return Host.toNative(latents.getManager(), bias, 1, 1, 1, keys);
  }

  /** Patches with their positions added, (B, patches, width). */
  public NDArray embedPatches(NDArray latents) {
    NDArray patches =
        TorchOps.call(
            "patchify",
            latents,
            weights.get("pos_embed.proj.weight"),
            weights.get("pos_embed.proj.bias"));
    long rows = latents.getShape().get(2) / config.patchSize();
    long columns = latents.getShape().get(3) / config.patchSize();
    NDArray positions =
        TorchOps.call(
            "crop_positions",
            patches,
            weights.get("pos_embed.pos_embed"),
            TorchOps.integer(config.positions()),
            TorchOps.integer(rows),
            TorchOps.integer(columns));
    return patches.add(positions);
  }

  /** Noise level and pooled text as one vector, (R, width). */
  public NDArray embedCondition(NDArray timestep, NDArray pooled) {
    NDArray sinusoid = TorchOps.call("timestep_embedding", timestep, frequencies);
    return mlp(compute.of(sinusoid), "time_text_embed.timestep_embedder")
        .add(mlp(compute.of(pooled), "time_text_embed.text_embedder"));
  }

  private NDArray mlp(NDArray x, String name) {
    return linear(TorchOps.call("silu", linear(x, name + ".linear_1")), name + ".linear_2");
  }

  private NDArray linear(NDArray x, String name) {
    return TorchOps.linear(x, weights.get(name + ".weight"), weights.get(name + ".bias"));
  }

  private void requireShapes(NDArray latents, NDArray timestep, NDArray context, NDArray pooled) {
    long rows = context.getShape().get(0);
    long batch = latents.getShape().get(0);
    long patch = config.patchSize();
    if (batch % rows != 0
        || timestep.getShape().get(0) != rows
        || pooled.getShape().get(0) != rows
        || latents.getShape().get(1) != config.channels()
        || latents.getShape().get(2) % patch != 0
        || latents.getShape().get(3) % patch != 0
        || Math.max(latents.getShape().get(2), latents.getShape().get(3))
            > patch * config.positions()) {
      throw new IllegalArgumentException(
          "latents %s, timestep %s, context %s and pooled %s do not fit a network of %s"
              .formatted(
                  latents.getShape(),
                  timestep.getShape(),
                  context.getShape(),
                  pooled.getShape(),
                  config));
    }
  }
}
