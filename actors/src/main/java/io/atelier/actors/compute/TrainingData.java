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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run draws, what it is pulled towards, and what it is measured on.
 *
 * @param prompts captions to train on
 * @param references images that the policy is pulled towards, as they were drawn
 * @param promptVectors vectors of captions, for a critic that sees them
 * @param promptWidth length of a caption's vector; 0 where there are none
 * @param heldOut what the policy is measured on, where the data can tell
 */
public record TrainingData(
    List<Prompt> prompts,
    References references,
    PromptVectors promptVectors,
    int promptWidth,
    Optional<HeldOutData> heldOut) {

  /** Decides which concepts are measured on; the same for every run. */
  private static final long SPLIT_SEED = 64;

  /**
   * What the policy is measured on.
   *
   * @param prompts captions that are never trained on
   * @param others as many other captions, of which the base's samples are drawn: of the same ones
   *     they would lie too near
   * @param pack the drawings that samples are compared with
   * @param target the style that the policy is pulled towards
   */
  public record HeldOutData(
      List<Prompt> prompts, List<Prompt> others, EmojiPack pack, EmojiStyle target) {}

  public TrainingData {
    prompts = List.copyOf(prompts);
  }

  /**
   * The embedded pack: of the concepts that the base knows, {@code heldOut} are measured on and the
   * others are trained on, each with its drawing in the target style as reference.
   */
  public static TrainingData emoji64(EmojiStyle target, int heldOut) {
    EmojiPack pack = EmojiPack.load();
    List<Integer> known = pack.train();
    if (heldOut < 2 || heldOut > known.size() / 2) {
      throw new IllegalArgumentException(
          "evaluation.prompts is %d; of the %d captions 2 to %d can be held out"
              .formatted(heldOut, known.size(), known.size() / 2));
    }
    int[] order =
        new GroupNoise(SPLIT_SEED).stream(Purpose.EVALUATION, 0).permutation(known.size());
    List<Prompt> measured = new ArrayList<>();
    List<Prompt> trained = new ArrayList<>();
    List<Integer> concepts = new ArrayList<>();
    for (int i = 0; i < order.length; i++) {
      int concept = known.get(order[i]);
      Prompt prompt = new Prompt(concept, pack.concept(concept).caption());
      if (i < heldOut) {
        measured.add(prompt);
      } else {
        trained.add(prompt);
        concepts.add(concept);
      }
    }
    Images images = pack.images(target, concepts);
    return new TrainingData(
        trained,
        References.onePerPrompt(images, concepts),
        prompt -> pack.captionVector(prompt.index()),
        EmojiPack.CAPTION_WIDTH,
        Optional.of(new HeldOutData(measured, trained.subList(0, heldOut), pack, target)));
  }

  /**
   * Data as a configuration names it.
   *
   * @param prompts {@code emoji64}, or a text file
   * @param references a style of the embedded pack, or a folder of images
   * @param heldOut captions to measure on, where the data can tell
   * @param height rows that images of a folder are brought to, in pixels
   * @param width their columns
   */
  public static TrainingData load(
      String prompts, String references, int heldOut, int height, int width) {
    boolean folder = Files.isDirectory(Path.of(references));
    boolean file = !prompts.equals(EmbeddedModel.EMOJI64);
    if (!folder && !file) {
      return emoji64(style(references), heldOut);
    }
    Images images =
        folder
            ? ImageFolder.read(Path.of(references), height, width)
            : EmojiPack.load().images(style(references));
    if (file) {
      return new TrainingData(
          Captions.read(Path.of(prompts)),
          new References(images, Map.of()),
          PromptVectors.none(),
          0,
          Optional.empty());
    }
    EmojiPack pack = EmojiPack.load();
    return new TrainingData(
        pack.train().stream().map(i -> new Prompt(i, pack.concept(i).caption())).toList(),
        new References(images, Map.of()),
        prompt -> pack.captionVector(prompt.index()),
        EmojiPack.CAPTION_WIDTH,
        Optional.empty());
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
