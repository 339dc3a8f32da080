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
 * Draws the references that a {@link DiscriminatorCritic} is trained on, and computes their
 * features. All draws are from streams of the run's seed, so the same step and groups give
 * bit-identical results in any order of steps.
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
   * @param encoder closed by its owner
   * @param prompts vectors of prompts, if the head sees them
   * @param prior prior whose scores join the features, if there is one
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
   * References drawn for one learner step.
   *
   * @param batch all of them, augmented if the configuration says so
   * @param places index of each in the set of references
   * @param unchanged references of each group before augmentation
   * @param wrong the batch, each under another's prompt; empty if the head does not see prompts, is
   *     not trained on wrong ones, or all prompts are equal
   */
  record Drawn(
      FeatureBatch batch,
      int[] places,
      List<FeatureBatch> unchanged,
      Optional<FeatureBatch> wrong) {

    /** Selects the references at {@code indices} of the batch. */
    Drawn select(int[] indices) {
      return new Drawn(
          batch.select(indices),
          Arrays.stream(indices).map(i -> places[i]).toArray(),
          unchanged,
          wrong.map(own -> own.select(indices)));
    }
  }

  /**
   * Returns features of {@code count} references, or of all if there are fewer, without
   * augmentation.
   */
  NamedTensors sample(int count, RandomStream random) {
    int[] order = random.permutation(references.images().count());
    int[] places = Arrays.copyOf(order, Math.min(count, order.length));
    NamedTensors views = features.of(places);
    return priors
        .map(own -> FeatureBatch.withPrior(views, own.of(places, own.owners(places))))
        .orElse(views);
  }

  /** Draws as many references for each group as it has images, each under its own prompt. */
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
      prompts.prepare(all); // of all groups in one batch
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
   * Combines views of references with prompts. The prior scores the unchanged images under these
   * prompts, also with augmentation.
   */
  private FeatureBatch under(NamedTensors views, int[] places, int[] labels) {
    NamedTensors all =
        priors.map(own -> FeatureBatch.withPrior(views, own.of(places, labels))).orElse(views);
    return new FeatureBatch(places.length, all, vectors(labels));
  }

  /** Encodes augmented references each time, since no two are the same. */
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
   * Encodes images to views, with the kept places of maps.
   *
   * @param kept stream of each image, from which its places are drawn
   */
  private NamedTensors encoded(Images images, IntFunction<RandomStream> kept) {
    return FeatureBatch.kept(
        FeatureBatch.views(view, encoder.encode(images)), view.keptPlaces(), kept);
  }

  /** Draws another reference's prompt for each reference. */
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

  /**
   * Returns the vectors of these prompts, in that order; empty if the head does not see prompts.
   */
  float[][] vectors(int[] indices) {
    return view.conditionWidth() > 0 ? prompts.of(indices) : new float[0][];
  }

  @Override
  public void close() {
    priors.ifPresent(PriorScores::close);
  }
}
