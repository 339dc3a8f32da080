package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.TorchOps;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** One joint block: adaLN-zero, attention over both streams, feed-forward of each stream. */
final class MmditBlock {

  /** Both streams: image (B, patches, width), context (B or R, tokens, width). */
  record Streams(NDArray image, NDArray context) {}

  private final MmditConfig config;
  private final Parameters weights;
  private final String name;
  private final boolean dual;
  private final boolean last;
  private final NDArray heads;
  private final Map<String, Projection> projections = new LinkedHashMap<>();
  private final NDArray imageNorm;
  private final NDArray contextNorm;
  private final NDArray dualNorm;

  MmditBlock(Parameters weights, MmditConfig config, int layer) {
    this.weights = weights;
    this.config = config;
    this.name = "transformer_blocks." + layer + ".";
    this.dual = config.dualLayers().contains(layer);
    this.last = config.last(layer);
    this.heads = TorchOps.integer(config.heads());
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
    boolean norm = config.qkNorm();
    imageNorm = norm ? fuseNorms("attn", "norm_q", "norm_k") : null;
    contextNorm = norm ? fuseNorms("attn", "norm_added_q", "norm_added_k") : null;
    dualNorm = norm && dual ? fuseNorms("attn2", "norm_q", "norm_k") : null;
  }

  /** All linear maps, fused ones under the names of {@link #fuse}, by full name. */
  Map<String, Projection> projections() {
    return projections;
  }

  /** Whether gradients are collected in it: by its weights, or by an adapter of them. */
  boolean isTrained() {
    return projections.values().stream().anyMatch(p -> p.isAdapted() || p.isTrained())
        || Stream.of(imageNorm, contextNorm, dualNorm)
            .anyMatch(norm -> norm != null && norm.hasGradient());
  }

  /**
   * @param condition silu of the embedded noise level and pooled text, (R, width)
   * @param keyBias added to the logits of every key of the joint attention; null for none
   */
  Streams forward(NDArray x, NDArray c, NDArray condition, NDArray keyBias) {
    return forward(x, c, condition, condition, keyBias);
  }

  /** The same with the condition of each stream in an array of its own, of equal values. */
  Streams forward(
      NDArray x, NDArray c, NDArray condition, NDArray contextCondition, NDArray keyBias) {
    NDArray[] m = split(project("norm1.linear", condition), dual ? 9 : 6);
    NDArray[] mc = split(project("norm1_context.linear", contextCondition), last ? 2 : 6);
    NDArray xn = modulate(x, m[0], m[1]);
    NDArray cn = last ? modulate(c, mc[1], mc[0]) : modulate(c, mc[0], mc[1]);

    NDArray joint =
        jointAttention(project("attn.to_qkv", xn), project("attn.add_qkv_proj", cn), keyBias);
    long patches = x.getShape().get(1);
    NDArray imagePart = TorchOps.slice(joint, 1, 0, patches);
    NDArray image = gatedSum(x, m[2], project("attn.to_out.0", imagePart));
    if (dual) {
      NDArray own = ownAttention(project("attn2.to_qkv", modulate(x, m[6], m[7])));
      image = gatedSum(image, m[8], project("attn2.to_out.0", own));
    }
    image = gatedSum(image, m[5], feedForward(modulate(image, m[3], m[4]), "ff"));
    if (last) {
      return new Streams(image, c);
    }
    NDArray contextPart = TorchOps.slice(joint, 1, patches, joint.getShape().get(1));
    NDArray context = gatedSum(c, mc[2], project("attn.to_add_out", contextPart));
    context = gatedSum(context, mc[5], feedForward(modulate(context, mc[3], mc[4]), "ff_context"));
    return new Streams(image, context);
  }

  private NDArray jointAttention(NDArray image, NDArray context, NDArray keyBias) {
    NDArray qkv =
        config.qkNorm()
            ? TorchOps.call("normed_joint_qkv", image, context, imageNorm, contextNorm, heads)
            : TorchOps.call("joint_qkv", image, context, heads);
    return keyBias == null
        ? TorchOps.call("joint_attention", qkv)
        : TorchOps.call("biased_joint_attention", qkv, keyBias);
  }

  private NDArray ownAttention(NDArray qkv) {
    return config.qkNorm()
        ? TorchOps.call("normed_attention", qkv, dualNorm, heads)
        : TorchOps.call("attention", qkv, heads);
  }

  private NDArray project(String part, NDArray x) {
    return projections.get(name + part).apply(x);
  }

  private NDArray feedForward(NDArray x, String part) {
    NDArray hidden = TorchOps.call("gelu_tanh", project(part + ".net.0.proj", x));
    return project(part + ".net.2", hidden);
  }

  private static NDArray modulate(NDArray x, NDArray shift, NDArray scale) {
    return TorchOps.call("modulated_norm", x, shift, scale);
  }

  private static NDArray gatedSum(NDArray x, NDArray gate, NDArray y) {
    return TorchOps.call("gated_sum", x, gate, y);
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
        full, new Projection(weights.get(full + ".weight"), weights.get(full + ".bias")));
  }
}
