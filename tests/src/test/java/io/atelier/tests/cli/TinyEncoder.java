package io.atelier.tests.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.tests.cli.TinyPipeline.Values;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The small random DINOv2 of the golden set, as folders of transformers, and how a run uses it. */
final class TinyEncoder {

  /** What the discriminator looks at; 56 pixels are four patches a side. */
  static final List<String> SETTINGS =
      List.of(
          "reward.adversarial.encoder-pixels=56",
          "reward.adversarial.vectors=[cls]",
          "reward.adversarial.statistics=[]",
          "reward.adversarial.maps=[patches]",
          "reward.adversarial.shared-projection=true",
          "reward.adversarial.normalise=l2");

  private TinyEncoder() {}

  /**
   * @param model {@code plain} or {@code registers}
   */
  static Path write(Path folder, String model, Consumer<Map<String, Values>> change)
      throws IOException {
    Files.createDirectories(folder);
    JsonNode spec = Golden.json("dino", model, "case.json");
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "dinov2_with_registers", "hidden_act": "gelu", "hidden_size": %s,
         "image_size": %s, "layer_norm_eps": 1e-06, "mlp_ratio": 4, "num_attention_heads": %s,
         "num_channels": 3, "num_hidden_layers": %s, "num_register_tokens": %s, "patch_size": 14,
         "qkv_bias": true, "use_swiglu_ffn": false}
        """
            .formatted(
                spec.get("width"),
                spec.get("size"),
                spec.get("heads"),
                spec.get("depth"),
                spec.get("registers")));
    SafetensorsFile source = Golden.tensors("dino", model, "transformers.safetensors");
    Map<String, Values> tensors = new TreeMap<>();
    for (String name : source.names()) {
      tensors.put(name, new Values(source.info(name).shape(), source.floats(name)));
    }
    change.accept(tensors);
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach((name, tensor) -> writer.add(name, tensor.shape(), tensor.values()));
    writer.write(folder.resolve("model.safetensors"));
    return folder;
  }

  static Path write(Path folder, String model) throws IOException {
    return write(folder, model, all -> {});
  }
}
