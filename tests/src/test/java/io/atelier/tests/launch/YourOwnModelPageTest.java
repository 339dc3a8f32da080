package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import io.atelier.tests.cli.AtelierJvm;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All lines of docs/your-own-model.md, with a tiny model and twenty pictures. */
@Timeout(300)
class YourOwnModelPageTest {

  private static final int PICTURES = 20;

  @TempDir Path folder;

  /** What the page says, smaller. */
  private static String script() throws IOException {
    String page = Files.readString(Launchers.file("../docs/your-own-model.md"));
    String script =
        Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map(block -> block.group(1))
            .collect(Collectors.joining());
    Map<String, String> smaller =
        Map.of(
            "MODEL=sd35-medium", "MODEL=" + TinyPipeline.path(),
            "SIZE=512", "SIZE=64",
            "group-size = 8", "group-size = 2",
            "groups-per-step = 8", "groups-per-step = 2",
            "every = 10", "every = 1, prompts = 2, group-size = 2, shown = 2, steps = 2",
            "run.steps=60", "run.steps=2 model.adapter.rank=2 rollout.steps=4");
    for (Map.Entry<String, String> change : smaller.entrySet()) {
      assertTrue(script.contains(change.getKey()), change.getKey());
      script = script.replace(change.getKey(), change.getValue());
    }
    return "set -e\n" + script;
  }

  @Test
  void shouldEndWithALora() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Images images =
        EmojiPack.load()
            .images(
                EmojiStyle.THREE_D, IntStream.range(0, PICTURES).map(i -> 7 * i).boxed().toList());
    for (int i = 0; i < images.count(); i++) {
      Pictures.write(images, i, photos.resolve(i + ".jpg"));
    }
    Files.write(
        folder.resolve("prompts.txt"),
        IntStream.range(0, PICTURES).mapToObj(i -> "thing number " + i).toList());
    String atelier =
        AtelierJvm.command("2g", List.of(), List.of()).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Path stub = Script.stub(folder, "exec " + atelier + " \"$@\"");
    Files.move(stub, folder.resolve("atelier"));
    Script.Result result = Script.run(Map.of(), "bash", "-c", "cd '" + folder + "'\n" + script());
    assertEquals(0, result.code(), result::output);
    assertTrue(Files.size(folder.resolve("before.png")) > 0, result::output);
    assertTrue(Files.size(folder.resolve("after.png")) > 0, result::output);
    assertTrue(Files.size(folder.resolve("my-lora/pytorch_lora_weights.safetensors")) > 0);
    assertTrue(Files.readString(folder.resolve("my-lora/README.md")).contains("kidReference"));
    assertTrue(Files.exists(folder.resolve("runs/mine/report.html")));
  }
}
