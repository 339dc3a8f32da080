package io.atelier.models.sd3;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sizes of a CLIP text encoder, as {@code text_encoder/config.json} of a diffusers folder has them.
 *
 * @param vocabulary number of token ids
 * @param positions longest text in tokens
 * @param width hidden width
 * @param layers number of layers
 * @param heads attention heads
 * @param inner width of the feed-forward
 * @param projection width of the pooled vector
 * @param quickGelu whether the activation is x·sigmoid(1.702 x) rather than the exact GELU
 * @param epsilon of the layer norms
 * @param endOfText id of the end mark; 2 means the place of the highest id (old configurations)
 */
public record ClipTextConfig(
    int vocabulary,
    int positions,
    int width,
    int layers,
    int heads,
    int inner,
    int projection,
    boolean quickGelu,
    double epsilon,
    int endOfText) {

  public Map<String, long[]> shapes() {
    Map<String, long[]> s = new LinkedHashMap<>();
    s.put("text_model.embeddings.token_embedding.weight", new long[] {vocabulary, width});
    s.put("text_model.embeddings.position_embedding.weight", new long[] {positions, width});
    for (int layer = 0; layer < layers; layer++) {
      String p = "text_model.encoder.layers." + layer + ".";
      affine(s, p + "layer_norm1", width);
      for (String part : new String[] {"q_proj", "k_proj", "v_proj", "out_proj"}) {
        s.put(p + "self_attn." + part + ".weight", new long[] {width, width});
        s.put(p + "self_attn." + part + ".bias", new long[] {width});
      }
      affine(s, p + "layer_norm2", width);
      s.put(p + "mlp.fc1.weight", new long[] {inner, width});
      s.put(p + "mlp.fc1.bias", new long[] {inner});
      s.put(p + "mlp.fc2.weight", new long[] {width, inner});
      s.put(p + "mlp.fc2.bias", new long[] {width});
    }
    affine(s, "text_model.final_layer_norm", width);
    s.put("text_projection.weight", new long[] {projection, width});
    return s;
  }

  private static void affine(Map<String, long[]> s, String name, int width) {
    s.put(name + ".weight", new long[] {width});
    s.put(name + ".bias", new long[] {width});
  }
}
