package io.atelier.tests.cli;

import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Model, captions and reference images in a folder, where a test may change them.
 *
 * @param root the folder
 */
public record OwnData(Path root) {

  /** Writes them; {@code style} is what the images look like. */
  public static OwnData write(Path root, EmojiStyle style) throws IOException {
    OwnData data = new OwnData(Files.createDirectories(root));
    TinyPipeline.changed(data.model(), weights -> {});
    Files.writeString(data.prompts(), "fox\nred fox\ncat\ndog\n");
    Images images = EmojiPack.load().images(style, List.of(0, 100, 200, 300));
    Files.createDirectories(data.references());
    for (int i = 0; i < images.count(); i++) {
      Pictures.write(images, i, data.references().resolve(i + ".png"));
    }
    return data;
  }

  public Path model() {
    return root.resolve("model");
  }

  public Path prompts() {
    return root.resolve("prompts.txt");
  }

  public Path references() {
    return root.resolve("references");
  }

  /** Settings of a run on them. */
  public List<String> settings() {
    return settings(root.toString() + "/");
  }

  /** The same with paths that begin with {@code from}. */
  public static List<String> settings(String from) {
    List<String> settings = new ArrayList<>(TinyPipeline.SHORT);
    settings.add("model.path=" + from + "model");
    settings.add("data.prompts=" + from + "prompts.txt");
    settings.add("data.references=" + from + "references");
    settings.add("data.through-vae=false");
    settings.add("reward.adversarial.sees-prompt=false");
    return settings;
  }
}
