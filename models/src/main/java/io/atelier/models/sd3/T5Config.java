package io.atelier.models.sd3;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sizes of a T5 v1.1 encoder, as {@code text_encoder_3/config.json} of a diffusers folder gives
 * them.
 *
 * @param vocabulary number of token ids
 * @param width hidden width
 * @param layers number of blocks
 * @param heads attention heads
 * @param headDim width of a head
 * @param inner width of the gated feed-forward
 * @param buckets number of buckets of relative distances, both directions together
 * @param maxDistance distance from which on all share the last bucket
 */
public record T5Config(
    int vocabulary,
    int width,
    int layers,
    int heads,
    int headDim,
    int inner,
    int buckets,
    int maxDistance) {

  static final String BIAS = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";

  /** Name and shape of every weight. */
  public Map<String, long[]> shapes() {
    long attention = (long) heads * headDim;
    Map<String, long[]> s = new LinkedHashMap<>();
    s.put("shared.weight", new long[] {vocabulary, width});
    s.put(BIAS, new long[] {buckets, heads});
    for (int layer = 0; layer < layers; layer++) {
      String p = "encoder.block." + layer + ".layer.";
      for (String part : new String[] {"q", "k", "v"}) {
        s.put(p + "0.SelfAttention." + part + ".weight", new long[] {attention, width});
      }
      s.put(p + "0.SelfAttention.o.weight", new long[] {width, attention});
      s.put(p + "0.layer_norm.weight", new long[] {width});
      s.put(p + "1.DenseReluDense.wi_0.weight", new long[] {inner, width});
      s.put(p + "1.DenseReluDense.wi_1.weight", new long[] {inner, width});
      s.put(p + "1.DenseReluDense.wo.weight", new long[] {width, inner});
      s.put(p + "1.layer_norm.weight", new long[] {width});
    }
    s.put("encoder.final_layer_norm.weight", new long[] {width});
    return s;
  }
}
