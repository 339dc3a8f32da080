package io.atelier.tests.golden;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.WeightSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The velocity network of a golden model folder, and adapters as named tensors. */
final class TinyTransformer {

  private static final String PEFT = "base_model.model.";

  private TinyTransformer() {}

  static Mmdit load(NDManager scope, String model) {
    JsonNode c = Golden.json(model, "transformer", "config.json");
    Set<Integer> dual = new TreeSet<>();
    c.path("dual_attention_layers").forEach(layer -> dual.add(layer.asInt()));
    MmditConfig config =
        new MmditConfig(
            c.get("num_layers").asInt(),
            c.get("num_attention_heads").asInt(),
            c.get("attention_head_dim").asInt(),
            c.get("patch_size").asInt(),
            c.get("in_channels").asInt(),
            c.get("joint_attention_dim").asInt(),
            c.get("pooled_projection_dim").asInt(),
            c.get("pos_embed_max_size").asInt(),
            c.path("qk_norm").asText().equals("rms_norm"),
            dual);
    SafetensorsFile file =
        Golden.tensors(model, "transformer", "diffusion_pytorch_model.safetensors");
    return new Mmdit(scope, config, WeightSource.of(model, tensors(file, "")));
  }

  /** An adapter in PEFT layout, under the names that the network uses. */
  static NamedTensors adapter(SafetensorsFile file) {
    return tensors(file, PEFT);
  }

  /** The tensors whose names begin with {@code prefix}, which is cut off. */
  static NamedTensors tensors(SafetensorsFile file, String prefix) {
    Map<String, Tensor> tensors = new TreeMap<>();
    for (String name : file.names()) {
      if (name.startsWith(prefix)) {
        tensors.put(
            name.substring(prefix.length()),
            new Tensor(file.info(name).shape(), file.floats(name)));
      }
    }
    return new NamedTensors(tensors);
  }
}
