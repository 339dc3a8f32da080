package io.atelier.actors.compute;

import ai.djl.ndarray.NDManager;
import io.atelier.actors.compute.PairFile.Pair;
import io.atelier.models.files.LongWork;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.artifact.ArtifactHead;
import io.atelier.reward.artifact.Damage;
import io.atelier.reward.artifact.PairSet;
import io.atelier.reward.artifact.SeenImages;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pairs of clean and damaged images, as a head sees them: those that it is trained on, and others
 * to test it on. A fifth of the references, and of the prompts of a file, is for tests alone. Not
 * thread-safe.
 */
public final class ArtifactPairs {

  private static final Logger LOG = LoggerFactory.getLogger(ArtifactPairs.class);

  private static final int FIFTH = 5;

  private final ArtifactHead.View view;
  private final Encoder encoder;
  private final GroupScorer others;
  private final GroupNoise noise;

  /**
   * @param encoder stays the caller's, as do {@code others}, rewards whose order of the pairs is of
   *     interest
   * @param noise which pairs are for tests, where damage is done and how much
   */
  public ArtifactPairs(
      ArtifactHead.View view, Encoder encoder, GroupScorer others, GroupNoise noise) {
    this.view = view;
    this.encoder = encoder;
    this.others = others;
    this.noise = noise;
  }

  /**
   * Pairs of the same damage.
   *
   * @param trained for training; empty if there are only tests
   * @param tested images of which none is in {@code trained}
   */
  public record Kind(Optional<PairSet> trained, PairSet tested) {}

  /**
   * References, and damage that is done to them; one element for each kind of damage.
   *
   * @param throughVae whether the references pass through the model's autoencoder before, as those
   *     of a run do
   * @param leftOut kinds that are only tested
   * @param threads native threads
   */
  public List<Kind> damaged(
      PipelineFolder model,
      ImageSource references,
      boolean throughVae,
      Set<Damage> leftOut,
      int threads) {
    if (!throughVae) {
      return damaged(references, leftOut);
    }
    try (NDManager scope = Torch.newScope()) {
      return damaged(
          new PassedReferences(model.loadVae(scope)).images(references, threads), leftOut);
    }
  }

  private List<Kind> damaged(ImageSource clean, Set<Damage> leftOut) {
    if (clean.count() < 2) {
      throw new IllegalArgumentException(
          "data.references: there is 1 image, and others are needed to test on; name more");
    }
    int[] order = order(clean.count());
    int[] tested = Arrays.copyOfRange(order, 0, tested(order.length));
    int[] trained = Arrays.copyOfRange(order, tested.length, order.length);
    IntConsumer done =
        LongWork.tenths(
            LOG,
            tested.length * (1 + Damage.values().length)
                + trained.length * (1 + Damage.values().length - leftOut.size()),
            "{} of {} images are encoded");
    SeenImages cleanTested = seen(clean, tested, done);
    SeenImages cleanTrained = seen(clean, trained, done);
    List<Kind> kinds = new ArrayList<>();
    for (Damage kind : Damage.values()) {
      Optional<PairSet> own =
          leftOut.contains(kind)
              ? Optional.empty()
              : Optional.of(damaged(kind, clean, trained, cleanTrained, done));
      kinds.add(new Kind(own, damaged(kind, clean, tested, cleanTested, done)));
    }
    return kinds;
  }

  private SeenImages seen(ImageSource images, int[] places, IntConsumer done) {
    return SeenImages.concat(
        Arrays.stream(places)
            .mapToObj(
                place -> {
                  SeenImages one = seen(images.get(place));
                  done.accept(1);
                  return one;
                })
            .toList());
  }

  private PairSet damaged(
      Damage kind, ImageSource clean, int[] places, SeenImages seen, IntConsumer done) {
    List<Integer> changed = new ArrayList<>();
    List<SeenImages> damaged = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      Images image = clean.get(places[i]);
      RandomStream random =
          noise.stream(Purpose.CRITIC_UPDATE, new GroupId(1 + kind.ordinal(), places[i]));
      Images other = kind.damaged(image, random);
      if (!same(image, other)) {
        changed.add(i);
        damaged.add(seen(other));
      }
      done.accept(1);
    }
    requireDifferent(kind.key(), changed.size(), places.length);
    return new PairSet(kind.key(), seen.select(ints(changed)), SeenImages.concat(damaged));
  }

  /** Pairs of a file, divided by their prompts. */
  public Kind split(PairKind kind, Path file) {
    String option = kind.option();
    PairFile read = kind.read(file);
    List<String> prompts = read.pairs().stream().map(Pair::prompt).distinct().toList();
    if (prompts.size() < 2) {
      throw new IllegalArgumentException(
          "%s: all pairs of %s are of one prompt, and those of others are needed to test on; add some"
              .formatted(option, file));
    }
    int[] order = order(prompts.size());
    Set<String> tested = new HashSet<>();
    for (int i = 0; i < tested(order.length); i++) {
      tested.add(prompts.get(order[i]));
    }
    List<Pair> trained =
        read.pairs().stream().filter(pair -> !tested.contains(pair.prompt())).toList();
    List<Pair> others =
        read.pairs().stream().filter(pair -> tested.contains(pair.prompt())).toList();
    return new Kind(Optional.of(set(read, trained, file)), set(read, others, file));
  }

  /**
   * All pairs of a file, to test on.
   *
   * @param option what names the file, for messages
   */
  public Kind tested(String option, Path file) {
    PairFile read = PairFile.read(option, file);
    return new Kind(Optional.empty(), set(read, read.pairs(), file));
  }

  private PairSet set(PairFile file, List<Pair> pairs, Path path) {
    String kind = String.valueOf(path.getFileName());
    List<SeenImages> clean = new ArrayList<>();
    List<SeenImages> damaged = new ArrayList<>();
    IntConsumer done =
        LongWork.tenths(LOG, pairs.size(), "{} of {} pairs of " + kind + " are encoded");
    for (Pair pair : pairs) {
      Images image = file.image(pair.clean());
      Images other = file.image(pair.damaged());
      if (!same(image, other)) {
        clean.add(seen(image));
        damaged.add(seen(other));
      }
      done.accept(1);
    }
    requireDifferent(kind, clean.size(), pairs.size());
    return new PairSet(kind, SeenImages.concat(clean), SeenImages.concat(damaged));
  }

  private static boolean same(Images one, Images other) {
    return one.height() == other.height()
        && one.width() == other.width()
        && Arrays.equals(one.rgb(), other.rgb());
  }

  private static void requireDifferent(String kind, int different, int pairs) {
    if (different == 0) {
      throw new IllegalArgumentException(
          "%s: the damaged image of each of %d pairs is the same as the clean one; name others"
              .formatted(kind, pairs));
    }
    if (different < pairs) {
      LOG.warn(
          "{}: of {} of {} pairs the damaged image is the same as the clean one; they are left out",
          kind,
          pairs - different,
          pairs);
    }
  }

  private int[] order(int count) {
    return noise.stream(Purpose.REFERENCE, 0).permutation(count);
  }

  private static int tested(int count) {
    return Math.max(1, count / FIFTH);
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  /** One image, so that no size is asked of others. */
  private SeenImages seen(Images image) {
    ImageGroup group = new ImageGroup(new GroupId(0, 0), new Prompt(0, ""), image, 0, "");
    if (others.score(group, () -> {}).outcome() instanceof Scored scored) {
      return new SeenImages(view.features(encoder, image), Map.copyOf(scored.parts()));
    }
    throw new IllegalStateException("a reward that scores every image has not scored one");
  }
}
