package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Stored;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;
import java.util.List;
import java.util.Map;

/**
 * The text side of an open_clip file under the names of transformers: attention maps are split, and
 * the projection is transposed.
 *
 * @param file weights under the names of open_clip
 */
record OpenClipText(WeightSource file) implements WeightSource {

  private static final String PROJECTION = "text_projection.weight";
  private static final String LAYERS = "text_model.encoder.layers.";

  private static final Map<String, String> WHOLE =
      Map.of(
          "text_model.embeddings.token_embedding.weight",
          "token_embedding.weight",
          "text_model.embeddings.position_embedding.weight",
          "positional_embedding",
          "text_model.final_layer_norm.weight",
          "ln_final.weight",
          "text_model.final_layer_norm.bias",
          "ln_final.bias",
          PROJECTION,
          "text_projection");

  private static final Map<String, String> OF_A_LAYER =
      Map.of(
          "layer_norm1.", "ln_1.",
          "layer_norm2.", "ln_2.",
          "self_attn.out_proj.", "attn.out_proj.",
          "mlp.fc1.", "mlp.c_fc.",
          "mlp.fc2.", "mlp.c_proj.");

  private static final List<String> ATTENTION =
      List.of("self_attn.q_proj.", "self_attn.k_proj.", "self_attn.v_proj.");

  @Override
  public String origin() {
    return file.origin();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public boolean contains(String name) {
    return file.contains(theirs(name));
  }

  @Override
  public long[] shape(String name) {
    long[] shape = file.shape(theirs(name)).clone();
    if (part(name) >= 0) {
      shape[0] /= ATTENTION.size();
    }
    return name.equals(PROJECTION) && shape.length == 2 ? new long[] {shape[1], shape[0]} : shape;
  }

  @Override
  public NDArray load(String name, NDManager scope) {
    int part = part(name);
    if (part < 0 && !name.equals(PROJECTION)) {
      return file.load(theirs(name), scope);
    }
    try (NDManager inner = scope.newSubManager()) {
      NDArray whole = file.load(theirs(name), inner);
      NDArray own;
      if (part < 0) {
        own = Stored.unpacked(whole).transpose();
      } else {
        long rows = whole.getShape().get(0) / ATTENTION.size();
        own = TorchOps.slice(whole, 0, part * rows, (part + 1) * rows);
      }
      own.attach(inner);
      NDArray copy = own.duplicate(); // a view would be freed with the whole
      copy.attach(scope);
      return copy;
    }
  }

  /** Which of query, key and value a weight is; -1 for none. */
  private static int part(String name) {
    for (int i = 0; i < ATTENTION.size(); i++) {
      if (name.contains(ATTENTION.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static String theirs(String name) {
    if (!name.startsWith(LAYERS)) {
      return WHOLE.getOrDefault(name, name);
    }
    int dot = name.indexOf('.', LAYERS.length());
    String block = "transformer.resblocks." + name.substring(LAYERS.length(), dot + 1);
    String rest = name.substring(dot + 1);
    String kind = rest.substring(rest.lastIndexOf('.') + 1);
    return part(name) >= 0
        ? block + "attn.in_proj_" + kind
        : block + OF_A_LAYER.get(rest.substring(0, rest.lastIndexOf('.') + 1)) + kind;
  }
}
