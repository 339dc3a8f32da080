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
import java.util.function.IntFunction;

/**
 * The references that a {@link DiscriminatorCritic} learns from: which ones, and what the head sees
 * of them. All that is drawn comes from streams of the run's seed, so that the same step and groups
 * give the same bits in whatever order steps are asked for.
 */
final class ReferenceDraw {

  private final CriticConfig config;
  private final DiscriminatorConfig view;
  private final GroupNoise noise;
  private final Encoder encoder;
  private final References references;
  private final Map<Integer, Integer> promptOfImage;
  private final PromptVectors prompts;
  private final ReferenceFeatures features;

  /**
   * @param encoder stays its owner's to close
   * @param prompts vectors of prompts, if the head sees them
   */
  ReferenceDraw(
      CriticConfig config,
      DiscriminatorConfig view,
      GroupNoise noise,
      Encoder encoder,
      References references,
      PromptVectors prompts) {
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
  }

  /**
   * References of one learner step.
   *
   * @param batch all of them, augmented if the configuration says so
   * @param unchanged those of each group before augmentation
   * @param wrong for each of the batch the vector of another's prompt; none if the head sees no
   *     prompts, learns from no wrong ones, or all are the same
   */
  record Drawn(FeatureBatch batch, List<FeatureBatch> unchanged, float[][] wrong) {}

  /** Features of {@code count} references, or all if there are fewer, without augmentation. */
  NamedTensors sample(int count, RandomStream random) {
    int[] order = random.permutation(references.images().count());
    return features.of(Arrays.copyOf(order, Math.min(count, order.length)));
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
      float[][] condition = vectors(labels.get(i));
      NamedTensors views = features.of(places.get(i));
      FeatureBatch clean = new FeatureBatch(places.get(i).length, views, condition);
      unchanged.add(clean);
      drawn.add(
          view.augmentation().active()
              ? augmented(groups.get(i), places.get(i), condition)
              : clean);
    }
    return new Drawn(FeatureBatch.concat(drawn), unchanged, wrongPrompts(step, all));
  }

  /** Encoded each time: no two are the same. */
  private FeatureBatch augmented(GroupFeatures group, int[] places, float[][] condition) {
    Images images =
        Augmentation.apply(
            view.augmentation(),
            references.images().select(places),
            n ->
                noise.stream(
                    Purpose.CRITIC_UPDATE, group.id(), n, DiscriminatorCritic.AUGMENTATION));
    NamedTensors views =
        encoded(
            images,
            n -> noise.stream(Purpose.CRITIC_UPDATE, group.id(), n, DiscriminatorCritic.KEPT));
    return new FeatureBatch(places.length, views, condition);
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

  private float[][] wrongPrompts(int step, int[] own) {
    if (view.conditionWidth() == 0
        || config.wrongPrompt() == 0
        || Arrays.stream(own).distinct().count() == 1) {
      return new float[0][];
    }
    RandomStream random =
        noise.stream(
            Purpose.CRITIC_UPDATE, new GroupId(step, 0), 0, DiscriminatorCritic.WRONG_PROMPT);
    return vectors(
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
}
