package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.run.DataConfig;
import io.atelier.actors.config.run.HeldOutShare;
import io.atelier.actors.config.run.TooLong;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingDataTest {

  @TempDir Path folder;

  private Images read(int size) {
    return new ImageFiles(ImageFolder.images(folder), size, size).slice(0, 2);
  }

  private static TrainingData load(String prompts, String heldOut, String references) {
    return load(prompts, List.of(), heldOut, references);
  }

  private static TrainingData load(
      String prompts, List<String> words, String heldOut, String references) {
    HeldOutShare share = new HeldOutShare(heldOut);
    DataConfig config = new DataConfig(prompts, words, share, TooLong.TRUNCATE, references, true);
    return TrainingData.load(config, 10, 64, 64);
  }

  @Test
  void shouldKnowWhichReferencesAreAPromptsOwn() {
    TrainingData data = load("emoji64", "14", "3d");
    Prompt prompt = data.heldOut().prompts().get(3);
    List<Images> own = data.heldOut().own(prompt, 2);
    assertEquals(1, own.size());
    assertArrayEquals(
        EmojiPack.load().image(EmojiStyle.THREE_D, prompt.index()).rgb(), own.get(0).rgb());
  }

  @Test
  void shouldKeepPromptsWithAWord() throws IOException {
    String file =
        Files.writeString(
                folder.resolve("prompts.txt"),
                "a red fox\nbored face\nred-hot iron\nRed, or blue\n")
            .toString();
    List<String> colours = List.of("red", "green");
    assertEquals(
        List.of("a red fox", "Red, or blue"),
        load(file, colours, "0", "3d").prompts().stream().map(Prompt::text).toList());
    String said =
        assertThrows(IllegalArgumentException.class, () -> load(file, List.of("pink"), "0", "3d"))
            .getMessage();
    assertEquals(
        "data.words: none of the 4 prompts of data.prompts has pink as a word of its own", said);
    // 41 of the embedded captions name one of these, as docs/verifiers.md counts them; 14 are held
    // out.
    List<String> hues = List.of("red", "orange", "yellow", "green", "blue", "purple", "violet");
    TrainingData embedded = load("emoji64", hues, "14", "3d");
    assertEquals(10, embedded.heldOut().prompts().size());
    assertEquals(28 - 14, embedded.prompts().size());
    assertTrue(
        embedded.prompts().stream()
            .allMatch(
                prompt ->
                    prompt
                        .text()
                        .matches(".*\\b(red|orange|yellow|green|blue|purple|violet)\\b.*")));
  }

  @Test
  void shouldReadOneCaptionFromEachLineThatIsNotBlank() throws IOException {
    Path file = Files.writeString(folder.resolve("prompts.txt"), " a cat \n\n\tein Bär\r\nlast");
    assertEquals(
        List.of(new Prompt(0, "a cat"), new Prompt(1, "ein Bär"), new Prompt(2, "last")),
        CaptionFile.read("data.prompts", file));
  }

  @Test
  void shouldTakeImagesOfTheRightSizeAsTheyAre() {
    Images images = EmojiPack.load().images(EmojiStyle.NOTO, List.of(3, 5));
    Pictures.write(images, 0, folder.resolve("a.png"));
    Pictures.write(images, 1, folder.resolve("b.PNG"));
    Images read = read(64);
    assertArrayEquals(images.rgb(), read.rgb());
  }

  @Test
  void shouldCutTheMiddleOutOfAWideImageAndPutItOnWhite() throws IOException {
    BufferedImage wide = new BufferedImage(120, 40, BufferedImage.TYPE_INT_ARGB);
    Graphics2D pen = wide.createGraphics();
    pen.setColor(new Color(200, 10, 20));
    pen.fillRect(40, 0, 40, 20); // the upper half of the middle; the rest is transparent
    pen.dispose();
    ImageIO.write(wide, "png", folder.resolve("a.png").toFile());
    ImageIO.write(wide, "png", folder.resolve("b.png").toFile());
    Images read = read(20);
    assertEquals(2, read.count());
    int top = 3 * (3 * 20 + 10);
    int bottom = 3 * (17 * 20 + 10);
    assertEquals(200, read.rgb()[top] & 255);
    assertEquals(10, read.rgb()[top + 1] & 255);
    assertEquals(255, read.rgb()[bottom] & 255);
    assertEquals(255, read.rgb()[bottom + 1] & 255);
  }

  @Test
  void shouldCombineFilesAndThePack() throws IOException {
    Path prompts = Files.writeString(folder.resolve("prompts.txt"), "one\ntwo\n");
    TrainingData own = load(prompts.toString(), "auto", "3d");
    assertEquals(2, own.prompts().size());
    assertEquals(EmojiPack.SIZE, own.references().images().count());
    assertEquals(Map.of(), own.references().byPrompt());
    assertEquals(2, own.heldOut().prompts().size(), "of 10 that were asked for");
    assertTrue(own.heldOut().trained(), "nothing is held out of a file");
    assertTrue(own.prompts().containsAll(own.heldOut().prompts()));
    assertTrue(own.heldOut().style().isEmpty());
    assertEquals(0, own.promptWidth());
    TrainingData pack = load("emoji64", "auto", "3d");
    Set<Prompt> measured = new HashSet<>(pack.heldOut().prompts());
    assertEquals(10, measured.size());
    assertTrue(Collections.disjoint(measured, pack.prompts()), "held out, but trained on");
    assertFalse(pack.heldOut().trained());
    assertEquals(EmojiStyle.THREE_D, pack.heldOut().style().orElseThrow().target());
    assertEquals(EmojiPack.CAPTION_WIDTH, pack.promptWidth());
  }
}
