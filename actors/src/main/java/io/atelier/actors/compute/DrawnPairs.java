package io.atelier.actors.compute;

import ai.djl.ndarray.NDManager;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.files.LongWork;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut;
import io.atelier.reward.preference.DrawingAnnotator;
import io.atelier.reward.preference.DrawingAnnotator.Look;
import io.atelier.reward.preference.Pair;
import io.atelier.reward.preference.Preference;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images that a base model draws of concepts of the pack, in pairs of the same prompt, and which of
 * two is nearer to the three-dimensional drawing. Not thread-safe.
 */
public final class DrawnPairs implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DrawnPairs.class);

  /** As the preset {@code dev} draws; these are few steps, but the images are many. */
  private static final int STEPS = 10;

  private static final double GUIDANCE = 2;

  private final NDManager scope = Torch.newScope();
  private final EmojiPack pack = EmojiPack.load();
  private final Encoder encoder;
  private final DiffusionModel model;
  private final ImageSampler sampler;

  /**
   * @param encoder taken over
   */
  public DrawnPairs(PipelineFolder folder, Encoder encoder) {
    this.encoder = encoder;
    try {
      this.model = DiffusionModel.load(scope, folder, ComputeFactory.T5_LENGTH);
      this.sampler = new ImageSampler(scope, model, Optional.empty());
    } catch (RuntimeException e) {
      encoder.close();
      scope.close();
      throw e;
    }
  }

  /**
   * What was drawn.
   *
   * @param images features of the images, (n, D)
   * @param truth every pair of images of a prompt with its true label, prompt after prompt; those
   *     without one are left out
   */
  public record Drawn(FeatureMatrix images, List<Preference> truth) {}

  /**
   * Draws concepts.
   *
   * @param which of what the concepts are, for whoever waits
   * @param concepts in the pack, at least one, each once
   * @param each images of each, at least 2
   * @param noise of the images
   */
  public Drawn draw(String which, List<Integer> concepts, int each, GroupNoise noise) {
    IntConsumer done =
        LongWork.tenths(LOG, concepts.size() * each, "{} of {} images of " + which + " are drawn");
    Images drawings = pack.images(EmojiStyle.THREE_D, concepts);
    float[] latents = VaePass.encode(model.vae(), drawings);
    int length = latents.length / concepts.size();
    ImageSampler.Settings settings =
        new ImageSampler.Settings(each, EmojiPack.PIXELS, EmojiPack.PIXELS, STEPS, GUIDANCE);
    List<Images> images = new ArrayList<>();
    List<Look> looks = new ArrayList<>();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < concepts.size(); i++) {
      int concept = concepts.get(i);
      ImageSampler.Drawn drawn =
          sampler.draw(noise, new GroupId(0, concept), pack.concept(concept).caption(), settings);
      float[] own = Arrays.copyOfRange(latents, i * length, (i + 1) * length);
      addPairs(looks.size(), each, pairs);
      images.add(drawn.images());
      looks.addAll(DrawingAnnotator.look(drawn.images(), drawn.end(), drawings.get(i), own));
      done.accept(each);
    }
    List<Preference> truth = new ArrayList<>();
    pairs.forEach(pair -> DrawingAnnotator.prefer(pair, looks).ifPresent(truth::add));
    return new Drawn(features(Images.concat(images.toArray(Images[]::new))), truth);
  }

  private static void addPairs(int from, int count, List<Pair> pairs) {
    for (int i = from; i < from + count; i++) {
      for (int j = i + 1; j < from + count; j++) {
        pairs.add(new Pair(i, j));
      }
    }
  }

  private FeatureMatrix features(Images images) {
    HeldOut.Features seen = HeldOut.features(encoder, images);
    return FeatureMatrix.beside(feature(seen.pool()), feature(seen.mid()));
  }

  private static Feature feature(FeatureMatrix matrix) {
    return new Feature(new long[] {matrix.rows(), matrix.width()}, matrix.values());
  }

  @Override
  public void close() {
    sampler.close();
    model.close();
    encoder.close();
    scope.close();
  }
}
