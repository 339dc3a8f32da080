package io.atelier.models.sd3;

import io.atelier.models.files.FileException;
import io.atelier.models.text.ClipTokenizer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sizes of a CLIP text encoder, as {@code text_encoder/config.json} of a diffusers folder gives
 * them.
 *
 * @param vocabulary number of token ids
 * @param positions longest text in tokens
 * @param width hidden width
 * @param layers number of layers
 * @param heads attention heads
 * @param inner width of the feed-forward
 * @param projection width of the pooled vector
 * @param quickGelu whether the activation is x·sigmoid(1.702 x) instead of the exact GELU
 * @param epsilon epsilon of the layer norms
 * @param endOfText id of the end mark, or {@link #HIGHEST_ID}
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

  /** Value in old configurations instead of the end mark's id: a text ends at its highest id. */
  public static final int HIGHEST_ID = 2;

  /** Whether a text ends at its highest id instead of a fixed one. */
  boolean endsAtHighest() {
    return endOfText == HIGHEST_ID;
  }

  /**
   * Rejects a tokenizer whose end mark has another id.
   *
   * @param file file that this was read from, for the message
   * @param folder folder of the tokenizer, for the message
   */
  public void requireEnd(Path file, ClipTokenizer tokenizer, Path folder) {
    if (!endsAtHighest() && endOfText != tokenizer.endId()) {
      throw new FileException(
          "%s: \"eos_token_id\" is %d, but texts end with %d by %s; take both from one model"
              .formatted(file, endOfText, tokenizer.endId(), folder));
    }
  }

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
