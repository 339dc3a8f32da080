package io.atelier.actors.compute;

import io.atelier.actors.config.run.DataConfig;
import io.atelier.actors.config.run.ReferencesKind;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.reward.adversarial.PromptVectors;
import io.atelier.reward.adversarial.References;
import io.atelier.reward.verifier.Words;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(TrainingData.class);

  /** Decides which captions of the pack are measured on; the same for every run. */
  private static final long SPLIT_SEED = 64;

  /**
   * What the policy is measured on.
   *
   * @param prompts captions that are drawn
   * @param trained whether they are trained on too, so that nothing is held out
   * @param references what samples are compared with, as they were drawn
   * @param owners of each reference the place in {@code prompts} of its prompt; empty if they are
   *     of no prompt
   * @param style the style that the references are, if they are of the embedded pack and prompts
   *     too
   */
  public record HeldOutData(
      List<Prompt> prompts,
      boolean trained,
      ImageSource references,
      List<Integer> owners,
      Optional<PackStyle> style) {

    /**
     * The first images that are a prompt's own, as they were drawn; none where references are of no
     * prompt.
     */
    public List<Images> own(Prompt prompt, int most) {
      if (style.isPresent()) {
        PackStyle of = style.get();
        return List.of(of.pack().image(of.target(), prompt.index()));
      }
      int place = prompts.indexOf(prompt);
      return IntStream.range(0, owners.size())
          .filter(i -> owners.get(i) == place)
          .limit(most)
          .mapToObj(references::get)
          .toList();
    }

    /** The prompts whose texts are wanted, measured against the same references. */
    private HeldOutData only(Predicate<String> wanted) {
      List<Prompt> kept = prompts.stream().filter(p -> wanted.test(p.text())).toList();
      List<Integer> places = // those of other prompts get some that no kept one has
          owners.stream()
              .map(
                  place -> {
                    int now = kept.indexOf(prompts.get(place));
                    return now >= 0 ? now : kept.size() + place;
                  })
              .toList();
      return new HeldOutData(kept, trained, references, places, style);
    }
  }

  /** A style of the embedded pack. */
  public record PackStyle(EmojiPack pack, EmojiStyle target) {}

  public TrainingData {
    prompts = List.copyOf(prompts);
  }

  /**
   * Data as a configuration names it.
   *
   * @param measured captions to measure on, at most; of the embedded pack as many are held out
   *     where {@code data.held-out} is left to it
   * @param height rows that images in files are brought to, in pixels
   * @param width their columns
   * @throws IllegalArgumentException that names key, file and what is wrong
   */
  public static TrainingData load(DataConfig data, int measured, int height, int width) {
    EmojiPack pack = EmojiPack.load();
    boolean embedded = data.prompts().equals(EmbeddedModel.EMOJI64);
    PromptSplit split =
        embedded
            ? PromptSplit.shuffled(wanted(shuffled(known(pack)), data), data.heldOut(), measured)
            : PromptSplit.hashed(
                wanted(CaptionFile.read("data.prompts", Path.of(data.prompts())), data),
                data.heldOut(),
                measured);
    Path place = Path.of(data.references());
    PromptVectors vectors = embedded ? pack::captionVector : PromptVectors.none();
    int vectorWidth = embedded ? EmojiPack.CAPTION_WIDTH : 0;
    ReferenceCache cache = ReferenceCache.ofUser();
    ReferencesKind kind = ReferencesKind.of(data.references());
    if (kind == ReferencesKind.FILE) {
      ReferenceFile file = ReferenceFile.read(place);
      return new TrainingData(
          split.trained(),
          own(file, split, height, width, cache),
          vectors,
          vectorWidth,
          measured(file, split, height, width, cache));
    }
    if (kind == ReferencesKind.FOLDER) {
      ImageSource all = new ImageFiles(ImageFolder.images(place), height, width).checked(cache);
      return new TrainingData(
          split.trained(),
          new References(all, Map.of()),
          vectors,
          vectorWidth,
          split.heldOut(all, List.of(), Optional.empty()));
    }
    EmojiStyle style = style(data.references());
    Images all = pack.images(style);
    List<Integer> concepts = split.trained().stream().map(Prompt::index).toList();
    return new TrainingData(
        split.trained(),
        embedded
            ? References.onePerPrompt(pack.images(style, concepts), concepts)
            : new References(all, Map.of()),
        vectors,
        vectorWidth,
        split.heldOut(
            all,
            List.of(),
            embedded && !split.fromFile()
                ? Optional.of(new PackStyle(pack, style))
                : Optional.empty()));
  }

  /** The images of the prompts that are trained on. */
  private static References own(
      ReferenceFile file, PromptSplit split, int height, int width, ReferenceCache cache) {
    List<String> texts = split.trained().stream().map(Prompt::text).toList();
    file.requireAll(texts, "data.prompts");
    Set<String> used = new HashSet<>(texts);
    split.measured().forEach(prompt -> used.add(prompt.text()));
    List<String> others = file.others(used);
    if (!others.isEmpty()) {
      LOG.warn(
          "data.references: the images of {} prompts that are neither trained nor measured on are"
              + " not used, as those of \"{}\"",
          others.size(),
          ReferenceFile.shown(others.get(0)));
    }
    Map<Path, Integer> places = new LinkedHashMap<>();
    Map<Integer, List<Integer>> byPrompt = new HashMap<>();
    for (Prompt prompt : split.trained()) {
      List<Integer> own = new ArrayList<>();
      for (Path image : file.of(prompt.text())) {
        own.add(places.computeIfAbsent(image, added -> places.size()));
      }
      byPrompt.put(prompt.index(), own);
    }
    ImageFiles images = new ImageFiles(List.copyOf(places.keySet()), height, width);
    return new References(images.checked(cache), byPrompt);
  }

  /** The prompts that are measured on with their own images. */
  private static HeldOutData measured(
      ReferenceFile file, PromptSplit split, int height, int width, ReferenceCache cache) {
    List<String> texts = split.measured().stream().map(Prompt::text).toList();
    file.requireAll(texts, split.fromFile() ? "data.held-out" : "data.prompts");
    Map<Path, Integer> owners = new LinkedHashMap<>();
    for (int prompt = 0; prompt < texts.size(); prompt++) {
      for (Path image : file.of(texts.get(prompt))) {
        owners.putIfAbsent(image, prompt);
      }
    }
    ImageFiles images = new ImageFiles(List.copyOf(owners.keySet()), height, width);
    return split.heldOut(images.checked(cache), List.copyOf(owners.values()), Optional.empty());
  }

  /** Those with one of {@code data.words}. */
  private static List<Prompt> wanted(List<Prompt> prompts, DataConfig data) {
    if (data.words().isEmpty()) {
      return prompts;
    }
    List<Prompt> wanted =
        prompts.stream()
            .filter(prompt -> !Collections.disjoint(Words.of(prompt.text()), data.words()))
            .toList();
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException(
          "data.words: none of the %d prompts of data.prompts has %s as a word of its own"
              .formatted(prompts.size(), String.join(" or ", data.words())));
    }
    LOG.info(
        "data.words: {} of {} prompts have one of the words {}",
        wanted.size(),
        prompts.size(),
        String.join(", ", data.words()));
    return wanted;
  }

  private static List<Prompt> known(EmojiPack pack) {
    return pack.train().stream().map(i -> new Prompt(i, pack.concept(i).caption())).toList();
  }

  private static List<Prompt> shuffled(List<Prompt> prompts) {
    int[] order =
        new GroupNoise(SPLIT_SEED).stream(Purpose.EVALUATION, 0).permutation(prompts.size());
    return Arrays.stream(order).mapToObj(prompts::get).toList();
  }

  /** A style: a name without a separator. */
  private static EmojiStyle style(String references) {
    Path path = Path.of(references);
    if (Files.exists(path)) {
      throw new IllegalArgumentException(
          "data.references: %s is a file; name the folder that holds the images, or a .json file with the images of each prompt"
              .formatted(references));
    }
    if (path.getNameCount() > 1 || path.isAbsolute() || references.endsWith(".json")) {
      throw new IllegalArgumentException(
          "data.references: %s does not exist; name a folder of images, a .json file with the images of each prompt, or a style: %s"
              .formatted(
                  references,
                  Arrays.stream(EmojiStyle.values())
                      .map(EmojiStyle::key)
                      .collect(Collectors.joining(", "))));
    }
    try {
      return EmojiStyle.of(references);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "data.references: %s; or name a folder of images or a .json file with the images of each prompt"
              .formatted(e.getMessage()),
          e);
    }
  }

  /** The same, measured on those prompts alone whose texts are wanted. */
  public TrainingData measuring(Predicate<String> wanted) {
    return new TrainingData(prompts, references, promptVectors, promptWidth, heldOut.only(wanted));
  }

  /**
   * The same with prompts that are scored without training on them. One whose text this data knows
   * has its number there, by which references and vectors are found; others have numbers of which
   * there is nothing.
   */
  public TrainingData asking(List<Prompt> others) {
    Map<String, Integer> numbers = new HashMap<>();
    prompts.forEach(prompt -> numbers.putIfAbsent(prompt.text(), prompt.index()));
    if (promptWidth > 0) {
      List<String> captions = EmojiPack.load().captions();
      for (int i = 0; i < captions.size(); i++) {
        numbers.putIfAbsent(captions.get(i), i);
      }
    }
    int after = numbers.values().stream().mapToInt(i -> i).max().orElse(-1) + 1;
    List<Prompt> numbered = new ArrayList<>();
    for (Prompt prompt : others) {
      int number = numbers.getOrDefault(prompt.text(), after + numbered.size());
      numbered.add(new Prompt(number, prompt.text(), prompt.attributes()));
    }
    return new TrainingData(numbered, references, promptVectors, promptWidth, heldOut);
  }

  /** The first prompt that {@link #promptVectors} does not know, which are those of the pack. */
  public Optional<Prompt> withoutVector() {
    return prompts.stream()
        .filter(prompt -> promptWidth > 0 && prompt.index() >= EmojiPack.SIZE)
        .findFirst();
  }

  /** The same with other reference images in place of these, in the same order. */
  References references(ImageSource instead) {
    return new References(instead, references.byPrompt());
  }
}
