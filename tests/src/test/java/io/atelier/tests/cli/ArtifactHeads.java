package io.atelier.tests.cli;

import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import io.atelier.reward.artifact.Damage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What the tests of artifact heads have in common. */
final class ArtifactHeads {

  static final int DRAWINGS = 20;

  private ArtifactHeads() {}

  /** Twenty drawings. */
  static Images images() {
    return EmojiPack.load()
        .images(EmojiStyle.FLAT, IntStream.range(0, DRAWINGS).map(i -> 70 * i).boxed().toList());
  }

  /** The same as files in a folder. */
  static Path drawings(Path folder) throws IOException {
    Path drawings = Files.createDirectories(folder.resolve("drawings"));
    Images images = images();
    for (int i = 0; i < DRAWINGS; i++) {
      Pictures.write(images, i, drawings.resolve(i + ".png"));
    }
    return drawings;
  }

  /**
   * All kinds of damage but two, to be left out: with each that is not, another head is trained, to
   * test what it does when left out.
   */
  static List<String> most() {
    List<String> most = new ArrayList<>(Arrays.stream(Damage.values()).map(Damage::key).toList());
    most.removeAll(List.of("noise", "jpeg"));
    return most;
  }

  /** A short training that writes a head. */
  static List<String> command(Path out, String... more) {
    List<String> command = new ArrayList<>(List.of("artifact", "--out", out.toString()));
    command.addAll(
        List.of(
            "--steps",
            "100",
            "--threads",
            "1",
            "data.through-vae=false",
            "reward.artifact.encoder-pixels=64"));
    command.addAll(List.of(more));
    return command;
  }
}
