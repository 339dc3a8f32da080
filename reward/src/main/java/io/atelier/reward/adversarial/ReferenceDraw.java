package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The references that a {@link DiscriminatorCritic} learns from: which ones, and what the head sees
 * of them. All that is drawn comes from streams of the run's seed, so that the same step and groups
 * give the same bits in whatever order steps are asked for.
 */
final class ReferenceDraw implements AutoCloseable {

  private final CriticConfig config;
  private final DiscriminatorConfig view;
  private final GroupNoise noise;
  private final Encoder encoder;
  private final References references;
  private final Map<Integer, Integer> promptOfImage;
  private final PromptVectors prompts;
  private final ReferenceFeatures features;
  private final Optional<PriorScores> priors;

  /**
   * @param encoder stays its owner's to close
   * @param prompts vectors of prompts, if the head sees them
   * @param prior whose scores are beside the features, if there is one
   */
  ReferenceDraw(
      CriticConfig config,
      DiscriminatorConfig view,
      GroupNoise noise,
      Encoder encoder,
      References references,
      PromptVectors prompts,
      Optional<Prior> prior) {
    this.config = config;
    this.view = view;
    this.noise = noise;
    this.encoder = encoder;
    this.references = references;
    this.promptOfImage = references.prompts();
    this.prompts = prompts;
    this.features =
        new ReferenceFeatures(
            (images, places) ->
                encoded(
                    images,
                    i ->
                        noise.stream(
                            Purpose.CRITIC_START,
                            new GroupId(places[i], 0),
                            0,
                            DiscriminatorCritic.KEPT)),
            references.images(),
            ReferenceFeatures.KEPT_BYTES);
    this.priors = prior.map(own -> new PriorScores(own, references.images(), promptOfImage));
  }

  /**
   * References of one learner step.
   *
   * @param batch all of them, augmented if the configuration says so
   * @param places of each of the batch, in the set of references
   * @param unchanged those of each group before augmentation
   * @param wrong the batch, each under another's prompt; empty if the head sees no prompts, learns
   *     from no wrong ones, or all are the same
   */
  record Drawn(
      FeatureBatch batch,
      int[] places,
      List<FeatureBatch> unchanged,
      Optional<FeatureBatch> wrong) {

    /** Of the batch those at {@code indices} alone. */
    Drawn select(int[] indices) {
      return new Drawn(
          batch.select(indices),
          Arrays.stream(indices).map(i -> places[i]).toArray(),
          unchanged,
          wrong.map(own -> own.select(indices)));
    }
  }

  /** Features of {@code count} references, or all if there are fewer, without augmentation. */
  NamedTensors sample(int count, RandomStream random) {
    int[] order = random.permutation(references.images().count());
    int[] places = Arrays.copyOf(order, Math.min(count, order.length));
    NamedTensors views = features.of(places);
    return priors
        .map(own -> FeatureBatch.withPrior(views, own.of(places, own.owners(places))))
        .orElse(views);
  }

  /** As many references for each group as it has images, each under its own prompt. */
  Drawn draw(int step, List<GroupFeatures> groups) {
    List<int[]> places = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    for (GroupFeatures group : groups) {
      RandomStream random = noise.stream(Purpose.REFERENCE, group.id());
      int count = FeatureBatch.count(group);
      int[] indices = references.draw(group.prompt(), config.ownPrompt(), count, random);
      places.add(indices);
      labels.add(
          Arrays.stream(indices)
              .map(i -> promptOfImage.getOrDefault(i, group.prompt().index()))
              .toArray());
    }
    int[] all = labels.stream().flatMapToInt(Arrays::stream).toArray();
    if (view.conditionWidth() > 0) {
      prompts.prepare(all); // of all groups in one go
    }
    List<FeatureBatch> drawn = new ArrayList<>();
    List<FeatureBatch> unchanged = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      int[] own = places.get(i);
      int[] prompts = labels.get(i);
      unchanged.add(under(features.of(own), own, prompts));
      drawn.add(
          view.augmentation().active()
              ? under(augmented(groups.get(i), own), own, prompts)
              : unchanged.get(i));
    }
    FeatureBatch batch = FeatureBatch.concat(drawn);
    int[] shown = places.stream().flatMapToInt(Arrays::stream).toArray();
    return new Drawn(
        batch,
        shown,
        unchanged,
        wrongPrompts(step, all).map(prompts -> under(batch.views(), shown, prompts)));
  }

  /**
   * References under prompts: those decide the prior's scores, which are of the images as they are,
   * augmented or not.
   */
  private FeatureBatch under(NamedTensors views, int[] places, int[] labels) {
    NamedTensors all =
        priors.map(own -> FeatureBatch.withPrior(views, own.of(places, labels))).orElse(views);
    return new FeatureBatch(places.length, all, vectors(labels));
  }

  /** Encoded each time: no two are the same. */
  private NamedTensors augmented(GroupFeatures group, int[] places) {
    Images images =
        Augmentation.apply(
            view.augmentation(),
            references.images().select(places),
            n ->
                noise.stream(
                    Purpose.CRITIC_UPDATE, group.id(), n, DiscriminatorCritic.AUGMENTATION));
    return encoded(
        images, n -> noise.stream(Purpose.CRITIC_UPDATE, group.id(), n, DiscriminatorCritic.KEPT));
  }

  /**
   * What the head sees, and of maps as many places as are kept.
   *
   * @param kept the stream of each image, by which its places are drawn
   */
  private NamedTensors encoded(Images images, IntFunction<RandomStream> kept) {
    return FeatureBatch.kept(
        FeatureBatch.views(view, encoder.encode(images)), view.keptPlaces(), kept);
  }

  /** For each reference another's prompt. */
  private Optional<int[]> wrongPrompts(int step, int[] own) {
    if (view.conditionWidth() == 0
        || config.wrongPrompt() == 0
        || Arrays.stream(own).distinct().count() == 1) {
      return Optional.empty();
    }
    RandomStream random =
        noise.stream(
            Purpose.CRITIC_UPDATE, new GroupId(step, 0), 0, DiscriminatorCritic.WRONG_PROMPT);
    return Optional.of(
        Arrays.stream(own)
            .map(
                prompt -> {
                  int[] others = Arrays.stream(own).filter(other -> other != prompt).toArray();
                  return others[random.nextInt(others.length)];
                })
            .toArray());
  }

  /** Vectors of these prompts, in that order; none if the head sees no prompts. */
  float[][] vectors(int[] indices) {
    return view.conditionWidth() > 0 ? prompts.of(indices) : new float[0][];
  }

  @Override
  public void close() {
    priors.ifPresent(PriorScores::close);
  }
}
