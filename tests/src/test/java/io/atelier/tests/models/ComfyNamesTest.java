package io.atelier.tests.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraLayout;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.tests.golden.Golden;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The names that an exported LoRA has are those that ComfyUI looks for: its key map of Stable
 * Diffusion 3 in the names of diffusers, each behind {@code transformer.}, and {@code lora_A} and
 * {@code lora_B} behind it. It takes the scale to be 1 where no {@code alpha} is.
 */
class ComfyNamesTest {

  private static final Pattern KNOWN =
      Pattern.compile(
          "transformer\\.(transformer_blocks\\.\\d+\\."
              + "(attn\\.(to_[qkv]|to_out\\.0|add_[qkv]_proj|to_add_out)"
              + "|attn2\\.(to_[qkv]|to_out\\.0)"
              + "|(ff|ff_context)\\.net\\.(0\\.proj|2)"
              + "|norm1\\.linear|norm1_context\\.linear)"
              + "|context_embedder|proj_out|norm_out\\.linear|pos_embed\\.proj"
              + "|time_text_embed\\.(timestep|text)_embedder\\.linear_[12])"
              + "\\.lora_[AB]\\.weight");

  @TempDir Path folder;

  @Test
  void shouldBeKnownToComfy() {
    Map<String, long[]> maps = Golden.maps("sd35-tiny");
    assertTrue(maps.keySet().stream().anyMatch(name -> name.contains("attn2")), maps::toString);
    TreeMap<String, LoraWeights.Pair> pairs = new TreeMap<>();
    maps.forEach(
        (name, shape) -> {
          float[] a = new float[(int) shape[1]];
          Arrays.fill(a, 1);
          float[] b = new float[(int) shape[0]];
          Arrays.fill(b, 2);
          pairs.put(
              name,
              new LoraWeights.Pair(
                  new Tensor(new long[] {1, shape[1]}, a),
                  new Tensor(new long[] {shape[0], 1}, b)));
        });
    LoraFile.write(folder, new LoraWeights(1, 3, pairs), LoraLayout.DIFFUSERS, DType.F32, Map.of());
    SafetensorsFile file = SafetensorsFile.open(folder.resolve("pytorch_lora_weights.safetensors"));
    TreeSet<String> unknown = new TreeSet<>(file.names());
    assertEquals(2 * maps.size(), unknown.size());
    unknown.removeIf(name -> KNOWN.matcher(name).matches());
    assertEquals(new TreeSet<>(), unknown);
    String first = "transformer.transformer_blocks.0.attn.to_q.lora_B.weight";
    assertEquals(6, file.floats(first)[0], "alpha / rank is in B, as no alpha is in the file");
  }
}
