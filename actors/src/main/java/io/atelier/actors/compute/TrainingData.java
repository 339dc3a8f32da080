package io.atelier.actors.compute;

import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import io.atelier.reward.adversarial.PromptVectors;
import io.atelier.reward.adversarial.References;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a run draws, what it is pulled towards, and what it is measured on.
 *
 * @param prompts captions to train on
 * @param references images that the policy is pulled towards, as they were drawn
 * @param promptVectors vectors of captions, for a critic that sees them
 * @param promptWidth length of a caption's vector; 0 where there are none
 * @param heldOut what the policy is measured on
 */
public record TrainingData(
    List<Prompt> prompts,
    References references,
    PromptVectors promptVectors,
    int promptWidth,
    HeldOutData heldOut) {

  /** Decides which captions are measured on; the same for every run. */
  private static final long SPLIT_SEED = 64;

  /**
   * What the policy is measured on.
   *
   * @param prompts captions that are drawn
   * @param trained whether they are trained on too, so that nothing is held out
   * @param references what samples are compared with, as they were drawn
   * @param style the style that the references are, if they are of the embedded pack and prompts
   *     too
   */
  public record HeldOutData(
      List<Prompt> prompts, boolean trained, Images references, Optional<PackStyle> style) {}

  /** A style of the embedded pack. */
  public record PackStyle(EmojiPack pack, EmojiStyle target) {}

  public TrainingData {
    prompts = List.copyOf(prompts);
  }

  /**
   * Data as a configuration names it.
   *
   * @param prompts {@code emoji64}: of the concepts that the base knows, {@code measured} are
   *     measured on and the others are trained on; or a text file, whose captions are all trained
   *     on, those that are measured on too
   * @param references a style of the embedded pack, or a folder of images
   * @param measured captions to measure on; of a file, at most all
   * @param height rows that images of a folder are brought to, in pixels
   * @param width their columns
   */
  public static TrainingData load(
      String prompts, String references, int measured, int height, int width) {
    boolean folder = isFolder(references);
    EmojiPack pack = EmojiPack.load();
    Optional<EmojiStyle> style = folder ? Optional.empty() : Optional.of(style(references));
    Images all =
        style
            .map(pack::images)
            .orElseGet(() -> ImageFolder.read(Path.of(references), height, width));
    if (!prompts.equals(EmbeddedModel.EMOJI64)) {
      List<Prompt> captions = CaptionFile.read(Path.of(prompts));
      List<Prompt> order = shuffled(captions);
      int count = Math.min(measured, captions.size());
      return new TrainingData(
          captions,
          new References(all, Map.of()),
          PromptVectors.none(),
          0,
          new HeldOutData(order.subList(0, count), true, all, Optional.empty()));
    }
    List<Prompt> order = shuffled(known(pack));
    if (measured < 2 || measured > order.size() / 2) {
      throw new IllegalArgumentException(
          "evaluation.prompts is %d; of the %d captions 2 to %d can be held out"
              .formatted(measured, order.size(), order.size() / 2));
    }
    List<Prompt> trained = order.subList(measured, order.size());
    List<Integer> concepts = trained.stream().map(Prompt::index).toList();
    return new TrainingData(
        trained,
        style
            .map(s -> References.onePerPrompt(pack.images(s, concepts), concepts))
            .orElseGet(() -> new References(all, Map.of())),
        pack::captionVector,
        EmojiPack.CAPTION_WIDTH,
        new HeldOutData(
            order.subList(0, measured), false, all, style.map(s -> new PackStyle(pack, s))));
  }

  private static List<Prompt> known(EmojiPack pack) {
    return pack.train().stream().map(i -> new Prompt(i, pack.concept(i).caption())).toList();
  }

  private static List<Prompt> shuffled(List<Prompt> prompts) {
    int[] order =
        new GroupNoise(SPLIT_SEED).stream(Purpose.EVALUATION, 0).permutation(prompts.size());
    return Arrays.stream(order).mapToObj(prompts::get).toList();
  }

  /** A name without a separator is a style, unless a folder is called so. */
  private static boolean isFolder(String references) {
    Path path = Path.of(references);
    if (Files.isDirectory(path)) {
      return true;
    }
    if (Files.exists(path)) {
      throw new IllegalArgumentException(
          "data.references: %s is a file; name the folder that holds the images"
              .formatted(references));
    }
    if (path.getNameCount() > 1 || path.isAbsolute()) {
      throw new IllegalArgumentException(
          "data.references: folder %s does not exist; name a folder of images, or a style: %s"
              .formatted(
                  references,
                  Arrays.stream(EmojiStyle.values())
                      .map(EmojiStyle::key)
                      .collect(Collectors.joining(", "))));
    }
    return false;
  }

  private static EmojiStyle style(String references) {
    try {
      return EmojiStyle.of(references);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "data.references: %s; or name a folder of images".formatted(e.getMessage()), e);
    }
  }

  /** The same with other reference images in place of these, in the same order. */
  References references(Images instead) {
    return new References(instead, references.byPrompt());
  }
}
