package io.atelier.models.sd3;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Sizes of an MMDiT, as {@code transformer/config.json} of a diffusers folder gives them.
 *
 * @param layers number of joint blocks
 * @param heads attention heads; the inner width is {@code heads * headDim}
 * @param headDim width of a head
 * @param patchSize pixels of the latent along one side of a patch
 * @param channels latent channels, in and out
 * @param jointDim width of the text features
 * @param pooledDim width of the pooled text vector
 * @param positions side of the position table, in patches
 * @param qkNorm whether queries and keys are RMS-normalised (SD3.5)
 * @param dualLayers blocks with a second, image-only attention (SD3.5 medium)
 */
public record MmditConfig(
    int layers,
    int heads,
    int headDim,
    int patchSize,
    int channels,
    int jointDim,
    int pooledDim,
    int positions,
    boolean qkNorm,
    Set<Integer> dualLayers) {

  public MmditConfig {
    dualLayers = Set.copyOf(dualLayers);
    for (int layer : dualLayers) {
      if (layer < 0 || layer >= layers) {
        throw new IllegalArgumentException(
            "dual attention layer %d does not exist among %d layers".formatted(layer, layers));
      }
    }
  }

  /** Inner width. */
  public int width() {
    return heads * headDim;
  }

  boolean last(int layer) {
    return layer == layers - 1;
  }

  /** Name and shape of every weight of the file, the position table included. */
  public Map<String, long[]> shapes() {
    long d = width();
    Map<String, long[]> s = new LinkedHashMap<>();
    s.put("pos_embed.pos_embed", new long[] {1, (long) positions * positions, d});
    s.put("pos_embed.proj.weight", new long[] {d, channels, patchSize, patchSize});
    s.put("pos_embed.proj.bias", new long[] {d});
    linear(s, "time_text_embed.timestep_embedder.linear_1", d, 256);
    linear(s, "time_text_embed.timestep_embedder.linear_2", d, d);
    linear(s, "time_text_embed.text_embedder.linear_1", d, pooledDim);
    linear(s, "time_text_embed.text_embedder.linear_2", d, d);
    linear(s, "context_embedder", d, jointDim);
    for (int layer = 0; layer < layers; layer++) {
      block(s, layer);
    }
    linear(s, "norm_out.linear", 2 * d, d);
    linear(s, "proj_out", (long) patchSize * patchSize * channels, d);
    return s;
  }

  private void block(Map<String, long[]> s, int layer) {
    long d = width();
    String p = "transformer_blocks." + layer + ".";
    boolean dual = dualLayers.contains(layer);
    linear(s, p + "norm1.linear", (dual ? 9 : 6) * d, d);
    linear(s, p + "norm1_context.linear", (last(layer) ? 2 : 6) * d, d);
    for (String name : new String[] {"to_q", "to_k", "to_v"}) {
      linear(s, p + "attn." + name, d, d);
      if (dual) {
        linear(s, p + "attn2." + name, d, d);
      }
    }
    for (String name : new String[] {"add_q_proj", "add_k_proj", "add_v_proj", "to_out.0"}) {
      linear(s, p + "attn." + name, d, d);
    }
    if (dual) {
      linear(s, p + "attn2.to_out.0", d, d);
    }
    if (!last(layer)) {
      linear(s, p + "attn.to_add_out", d, d);
      linear(s, p + "ff_context.net.0.proj", 4 * d, d);
      linear(s, p + "ff_context.net.2", d, 4 * d);
    }
    if (qkNorm) {
      for (String name : new String[] {"norm_q", "norm_k", "norm_added_q", "norm_added_k"}) {
        s.put(p + "attn." + name + ".weight", new long[] {headDim});
      }
      if (dual) {
        s.put(p + "attn2.norm_q.weight", new long[] {headDim});
        s.put(p + "attn2.norm_k.weight", new long[] {headDim});
      }
    }
    linear(s, p + "ff.net.0.proj", 4 * d, d);
    linear(s, p + "ff.net.2", d, 4 * d);
  }

  private static void linear(Map<String, long[]> s, String name, long out, long in) {
    s.put(name + ".weight", new long[] {out, in});
    s.put(name + ".bias", new long[] {out});
  }

  /** Number of weights, without the position table, which is not trained. */
  public long parameters() {
    return new WholeNetwork().values(this);
  }
}
