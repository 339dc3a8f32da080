package io.atelier.tests.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Prompts with eight references each, as Adv-GRPO publishes them: images, a JSON file that names
 * those of each prompt, and JSON lines with the prompts.
 *
 * @param prompts {@code thing 0} to {@code thing 23}
 * @param references the JSON file
 */
record ReferenceSet(Path prompts, Path references) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PROMPTS = 24;
  private static final int EACH = 8;

  static ReferenceSet write(Path folder) throws IOException {
    Images images =
        EmojiPack.load()
            .images(EmojiStyle.FLAT, IntStream.range(0, PROMPTS * EACH).boxed().toList());
    Files.createDirectories(folder.resolve("images"));
    Map<String, List<String>> set = new TreeMap<>();
    List<String> lines = new ArrayList<>();
    for (int p = 0; p < PROMPTS; p++) {
      List<String> names = new ArrayList<>();
      for (int k = 0; k < EACH; k++) {
        names.add("images/%05d_%d.png".formatted(p, k));
        Pictures.write(images, p * EACH + k, folder.resolve(names.get(k)));
      }
      set.put("thing " + p, names);
      lines.add(JSON.writeValueAsString(Map.of("prompt", "thing " + p, "tag", p % 2)));
    }
    ReferenceSet written =
        new ReferenceSet(folder.resolve("prompts.jsonl"), folder.resolve("set.json"));
    JSON.writeValue(written.references.toFile(), set);
    Files.write(written.prompts, lines);
    return written;
  }
}
