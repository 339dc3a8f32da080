package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.TorchOps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One joint block (Esser et al. 2024, figure 2): adaLN-zero, attention over both streams, a second,
 * image-only attention where the model has one, feed-forward of each stream. It is one call of the
 * script {@code mmdit_block}, which frees intermediate results as it runs.
 */
final class MmditBlock {

  /** Both streams: image (B, patches, width), context (B or R, tokens, width). */
  record Streams(NDArray image, NDArray context) {}

  /** The linear maps that a block may have, in the order of the script's arguments. */
  private static final List<String> MAPS =
      List.of(
          "norm1.linear",
          "norm1_context.linear",
          "attn.to_qkv",
          "attn.add_qkv_proj",
          "attn.to_out.0",
          "attn.to_add_out",
          "attn2.to_qkv",
          "attn2.to_out.0",
          "ff.net.0.proj",
          "ff.net.2",
          "ff_context.net.0.proj",
          "ff_context.net.2");

  private final NDManager scope;
  private final Parameters weights;
  private final String name;
  private final boolean last;
  private final NDArray heads;
  private final NDArray[] kind;
  private final NDArray imageNorm;
  private final NDArray contextNorm;
  private final NDArray dualNorm;
  private final Map<String, Projection> projections = new LinkedHashMap<>();
  private final Map<String, NDArray> absent = new LinkedHashMap<>();

  /**
   * @param scope will own the arrays passed to the script
   */
  MmditBlock(NDManager scope, Parameters weights, MmditConfig config, int layer) {
    this.scope = scope;
    this.weights = weights;
    this.name = "transformer_blocks." + layer + ".";
    this.last = config.last(layer);
    this.heads = TorchOps.integer(config.heads());
    boolean dual = config.dualLayers().contains(layer);
    boolean norm = config.qkNorm();
    this.kind = new NDArray[] {flag(norm), flag(dual), flag(last)};
    fuse("attn", "to_qkv", "to_q", "to_k", "to_v");
    fuse("attn", "add_qkv_proj", "add_q_proj", "add_k_proj", "add_v_proj");
    single("attn.to_out.0");
    if (!last) {
      single("attn.to_add_out");
    }
    if (dual) {
      fuse("attn2", "to_qkv", "to_q", "to_k", "to_v");
      single("attn2.to_out.0");
    }
    single("norm1.linear");
    single("norm1_context.linear");
    feedForward("ff");
    if (!last) {
      feedForward("ff_context");
    }
    // The script ignores arguments that a block does not have: any array will do.
    imageNorm = norm ? fuseNorms("attn", "norm_q", "norm_k") : heads;
    contextNorm = norm ? fuseNorms("attn", "norm_added_q", "norm_added_k") : heads;
    dualNorm = norm && dual ? fuseNorms("attn2", "norm_q", "norm_k") : heads;
    for (String map : MAPS) {
      if (!projections.containsKey(name + map)) {
        absent.put(map, TorchOps.listed(scope, heads, list(map)));
      }
    }
  }

  private static NDArray flag(boolean value) {
    return TorchOps.integer(value ? 1 : 0);
  }

  private static String list(String map) {
    return "map" + MAPS.indexOf(map);
  }

  /** All linear maps, fused ones under the names of {@link #fuse}, by full name. */
  Map<String, Projection> projections() {
    return projections;
  }

  /** Whether its weights, or an adapter of them, collect gradients. */
  boolean isTrained() {
    return projections.values().stream().anyMatch(Projection::isTrained)
        || Stream.of(imageNorm, contextNorm, dualNorm).anyMatch(NDArray::hasGradient);
  }

  /**
   * @param condition silu of the embedded noise level and pooled text, (R, width)
   * @param keyBias added to the logits of every key of the joint attention; null for none
   */
  Streams forward(NDArray x, NDArray c, NDArray condition, NDArray keyBias) {
    return forward(x, c, condition, condition, keyBias);
  }

  /** The same with a separate condition array for each stream, of equal values. */
  Streams forward(
      NDArray x, NDArray c, NDArray condition, NDArray contextCondition, NDArray keyBias) {
    List<NDArray> all = new ArrayList<>(List.of(x, c, condition, contextCondition));
    all.add(keyBias == null ? heads : keyBias);
    all.addAll(List.of(imageNorm, contextNorm, dualNorm, heads));
    all.addAll(List.of(kind));
    all.add(
        TorchOps.integer(
            projections.values().stream().mapToInt(Projection::mode).max().orElseThrow()));
    for (String map : MAPS) {
      Projection projection = projections.get(name + map);
      if (projection == null) {
        all.add(absent.get(map));
      } else {
        all.addAll(projection.arguments());
      }
    }
    NDList out = TorchOps.callAll("mmdit_block", all.toArray(NDArray[]::new));
    return new Streams(out.get(0), last ? c : out.get(1));
  }

  /** Equal parts of the last dimension, as views. */
  static NDArray[] split(NDArray x, int parts) {
    long size = x.getShape().get(x.getShape().dimension() - 1) / parts;
    return JniUtils.split((PtNDArray) x, size, x.getShape().dimension() - 1)
        .toArray(NDArray[]::new);
  }

  private void fuse(String attention, String fused, String... parts) {
    String prefix = name + attention + ".";
    String[] weightNames = new String[parts.length];
    String[] biasNames = new String[parts.length];
    for (int i = 0; i < parts.length; i++) {
      weightNames[i] = prefix + parts[i] + ".weight";
      biasNames[i] = prefix + parts[i] + ".bias";
    }
    projections.put(
        prefix + fused,
        new Projection(
            scope,
            list(attention + "." + fused),
            weights.fuse(prefix + fused + ".weight", weightNames),
            weights.fuse(prefix + fused + ".bias", biasNames)));
  }

  private NDArray fuseNorms(String attention, String query, String key) {
    String prefix = name + attention + ".";
    return weights.fuse(
        prefix + query + "_and_key.weight", prefix + query + ".weight", prefix + key + ".weight");
  }

  private void feedForward(String part) {
    single(part + ".net.0.proj");
    single(part + ".net.2");
  }

  private void single(String part) {
    String full = name + part;
    projections.put(
        full,
        new Projection(
            scope, list(part), weights.get(full + ".weight"), weights.get(full + ".bias")));
  }
}
