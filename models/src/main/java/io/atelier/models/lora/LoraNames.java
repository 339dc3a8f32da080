package io.atelier.models.lora;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of the linear maps of a diffusion transformer in adapter files: those of the diffusers
 * layout, those of Stability AI's own code ({@code joint_blocks.0.x_block.attn.qkv}), or either
 * with underscores for dots.
 */
final class LoraNames {

  /**
   * The rows of a file's factor B that belong to one map.
   *
   * @param map name of the linear map
   * @param from first row
   * @param to end of the rows, exclusive
   * @param swapped whether the two halves of the rows are swapped
   */
  record Place(String map, long from, long to, boolean swapped) {}

  private static final Map<String, String> IMAGE =
      Map.of(
          "attn.to_out.0", "attn.proj",
          "attn2.to_out.0", "attn2.proj",
          "ff.net.0.proj", "mlp.fc1",
          "ff.net.2", "mlp.fc2",
          "norm1.linear", "adaLN_modulation.1");

  private static final Map<String, String> CONTEXT =
      Map.of(
          "attn.to_add_out", "attn.proj",
          "ff_context.net.0.proj", "mlp.fc1",
          "ff_context.net.2", "mlp.fc2",
          "norm1_context.linear", "adaLN_modulation.1");

  private static final List<List<String>> FUSED =
      List.of(
          List.of("x_block.attn.qkv", "attn.to_q", "attn.to_k", "attn.to_v"),
          List.of("x_block.attn2.qkv", "attn2.to_q", "attn2.to_k", "attn2.to_v"),
          List.of(
              "context_block.attn.qkv", "attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"));

  private final Map<String, List<Place>> places = new HashMap<>();

  /**
   * @param maps shape (out, in) of every linear map, by its name in the diffusers layout
   */
  LoraNames(Map<String, long[]> maps) {
    maps.forEach(
        (map, shape) -> {
          put(map, List.of(new Place(map, 0, shape[0], false)));
          int dot = map.indexOf('.', "transformer_blocks.".length());
          if (map.startsWith("transformer_blocks.") && dot > 0) {
            block(map, map.substring("transformer_blocks.".length(), dot), shape[0], maps);
          }
        });
    outside(maps, "proj_out", "final_layer.linear", false);
    outside(maps, "norm_out.linear", "final_layer.adaLN_modulation.1", true);
  }

  private void block(String map, String layer, long rows, Map<String, long[]> maps) {
    String prefix = "transformer_blocks." + layer + ".";
    String block = "joint_blocks." + layer + ".";
    String part = map.substring(prefix.length());
    if (IMAGE.containsKey(part)) {
      put(block + "x_block." + IMAGE.get(part), List.of(new Place(map, 0, rows, false)));
    }
    if (CONTEXT.containsKey(part)) {
      // In the last block, which ends the text stream, diffusers has scale before shift.
      boolean last =
          part.equals("norm1_context.linear") && !maps.containsKey(prefix + "attn.to_add_out");
      put(block + "context_block." + CONTEXT.get(part), List.of(new Place(map, 0, rows, last)));
    }
    for (List<String> fused : FUSED) {
      if (part.equals(fused.get(1))) {
        put(
            block + fused.get(0),
            List.of(
                new Place(prefix + fused.get(1), 0, rows, false),
                new Place(prefix + fused.get(2), rows, 2 * rows, false),
                new Place(prefix + fused.get(3), 2 * rows, 3 * rows, false)));
      }
    }
  }

  private void outside(Map<String, long[]> maps, String map, String other, boolean swapped) {
    if (maps.containsKey(map)) {
      put(other, List.of(new Place(map, 0, maps.get(map)[0], swapped)));
    }
  }

  private void put(String name, List<Place> where) {
    places.put(name, where);
    places.put(name.replace('.', '_'), where);
  }

  /**
   * The maps that the factors of this name belong to, several if a file has fused maps; empty if
   * unknown.
   */
  List<Place> of(String name) {
    return places.getOrDefault(name, List.of());
  }
}
