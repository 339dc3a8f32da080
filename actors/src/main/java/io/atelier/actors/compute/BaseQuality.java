package io.atelier.actors.compute;

import ai.djl.ndarray.NDManager;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut;
import io.atelier.reward.metrics.Kid;
import io.atelier.reward.metrics.Retrieval;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How well a base model draws the concepts it was trained on, in the mixture of styles it was
 * trained on.
 */
public final class BaseQuality {

  /** Decides what is drawn; the same for all models that are to be compared. */
  private static final long SEED = 99;

  private BaseQuality() {}

  /**
   * Draws one image of each of {@code samples} training captions and measures them.
   *
   * @param encoder taken over; one that no reward uses
   * @param mixture share of each style in the training data
   * @return {@code psnrHeldOut} of the autoencoder in dB, {@code kidPassed} and {@code kidRaw} to
   *     as many drawings of the mixture (after and before the autoencoder), {@code retrievalTop1}
   *     among all concepts where each is shown in every style, and {@code retrievalTop1.STYLE}
   *     where each is shown in that style alone
   */
  public static Map<String, Double> measure(
      PipelineFolder folder,
      Encoder encoder,
      Map<EmojiStyle, Double> mixture,
      int samples,
      int steps,
      double guidance) {
    Torch.enter(false);
    EmojiPack pack = EmojiPack.load();
    try (NDManager scope = Torch.newScope();
        DiffusionModel model = DiffusionModel.load(scope, folder, ComputeFactory.T5_LENGTH);
        ImageSampler sampler = new ImageSampler(scope, model, Optional.empty());
        encoder) {
      List<Integer> concepts = new ArrayList<>();
      HeldOut.Features drawn =
          HeldOut.features(encoder, draw(sampler, pack, samples, steps, guidance, concepts));
      PassedReferences references = new PassedReferences(model.vae());
      Map<EmojiStyle, HeldOut.Features> passed = new EnumMap<>(EmojiStyle.class);
      Map<EmojiStyle, HeldOut.Features> raw = new EnumMap<>(EmojiStyle.class);
      List<Images> heldOut = new ArrayList<>();
      for (EmojiStyle style : EmojiStyle.values()) {
        passed.put(style, references.features(encoder, pack.images(style)));
        raw.put(style, references.rawFeatures(encoder, pack.images(style)));
        heldOut.add(pack.images(style, pack.heldOut()));
      }
      Map<String, Double> result = new TreeMap<>();
      result.put(
          "psnrHeldOut", VaePass.psnr(model.vae(), Images.concat(heldOut.toArray(Images[]::new))));
      result.put("kidPassed", new Kid(mixed(passed, pack, mixture)).of(drawn.pool(), 1));
      result.put("kidRaw", new Kid(mixed(raw, pack, mixture)).of(drawn.pool(), 1));
      passed.forEach(
          (style, drawings) ->
              result.put(
                  "retrievalTop1." + style.key(),
                  new Retrieval(drawings.mid()).topOne(drawn.mid(), concepts)));
      List<FeatureMatrix> galleries = passed.values().stream().map(HeldOut.Features::mid).toList();
      result.put("retrievalTop1", Retrieval.ofStyles(galleries).topOne(drawn.mid(), concepts));
      return result;
    }
  }

  private static Images draw(
      ImageSampler sampler,
      EmojiPack pack,
      int samples,
      int steps,
      double guidance,
      List<Integer> concepts) {
    GroupNoise noise = new GroupNoise(SEED);
    List<Images> images = new ArrayList<>();
    ImageSampler.Settings settings =
        new ImageSampler.Settings(1, EmojiPack.PIXELS, EmojiPack.PIXELS, steps, guidance);
    // In random order: the pack is sorted by subject, and its first part alone looks like no other.
    int[] order = noise.stream(Purpose.EVALUATION, 0).permutation(pack.train().size());
    for (int i = 0; i < samples; i++) {
      int concept = pack.train().get(order[i % order.length]);
      concepts.add(concept);
      String caption = pack.concept(concept).caption();
      images.add(sampler.draw(noise, new GroupId(0, i), caption, settings).images());
    }
    return Images.concat(images.toArray(Images[]::new));
  }

  /** Pooled features of every training concept in one style of the mixture. */
  private static FeatureMatrix mixed(
      Map<EmojiStyle, HeldOut.Features> styles, EmojiPack pack, Map<EmojiStyle, Double> mixture) {
    RandomStream random = new GroupNoise(SEED).stream(Purpose.EVALUATION, 1);
    List<FeatureMatrix> rows = new ArrayList<>();
    for (int concept : pack.train()) {
      double left = random.nextUniform();
      EmojiStyle chosen = EmojiStyle.values()[0];
      for (EmojiStyle style : EmojiStyle.values()) {
        double share = mixture.getOrDefault(style, 0.0);
        if (left >= 0 && share > 0) {
          chosen = style;
        }
        left -= share;
      }
      rows.add(styles.get(chosen).pool().slice(concept, concept + 1));
    }
    return FeatureMatrix.under(rows);
  }
}
