package io.atelier.actors.compute;

import ai.djl.ndarray.NDManager;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut;
import io.atelier.reward.metrics.HeldOutReferences;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import io.atelier.rollout.sampler.RewardTarget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Draws the captions to measure on with fixed noise and measures the images against the references
 * that went through the same VAE.
 */
public final class HeldOutEvaluation implements Evaluation {

  /**
   * What is drawn.
   *
   * @param groupSize images of each caption, at least 2
   * @param height rows of an image in pixels; the references have as many
   * @param width columns of an image in pixels; the references have as many
   * @param steps denoising steps
   * @param guidance guidance scale
   * @param shown images of the grid, one for each of the first captions
   * @param seed decides the noise, apart from the run's
   * @param rewards what the measured images are asked to have; the base is drawn without
   */
  public record Settings(
      int groupSize,
      int height,
      int width,
      int steps,
      double guidance,
      int shown,
      long seed,
      Optional<RewardTarget> rewards) {

    /** The same with rewards. */
    public Settings asking(Optional<RewardTarget> target) {
      return new Settings(groupSize, height, width, steps, guidance, shown, seed, target);
    }
  }

  /** Sets of noise: what is measured is not what the base is known by. */
  private static final int MEASURED = 0;

  private static final int BASE = 1;

  /**
   * Pixels of one network call: small images are drawn faster if there are several prompts in a
   * call; larger ones, of which a call keeps a processor busy, would only take more memory.
   */
  private static final long CALL_PIXELS = 16 * 64 * 64;

  private final NDManager scope;
  private final DiffusionModel model;
  private final ImageSampler sampler;
  private final Settings settings;
  private final TrainingData.HeldOutData data;
  private final GroupNoise noise;
  private final HeldOut heldOut;

  /**
   * Measures the base once, for the distance to it. The first time for an autoencoder, the
   * references take about a minute and a half.
   *
   * @param encoder makes the encoder that no reward uses
   * @param threads native threads, on which the last bits of references depend
   */
  public HeldOutEvaluation(
      PipelineFolder folder,
      Trained trained,
      Settings settings,
      TrainingData.HeldOutData data,
      Supplier<Encoder> encoder,
      int threads) {
    Torch.enter(false);
    this.scope = Torch.newScope();
    this.settings = settings;
    this.data = data;
    this.noise = new GroupNoise(settings.seed());
    this.model = DiffusionModel.load(scope, folder, ComputeFactory.T5_LENGTH, trained);
    this.sampler = new ImageSampler(scope, model, Optional.of(trained));
    Encoder judge = encoder.get();
    this.heldOut = new HeldOut(judge, references(judge, threads));
  }

  private HeldOutReferences references(Encoder judge, int threads) {
    PassedReferences references = new PassedReferences(model.vae());
    HeldOut.Features raw = references.rawFeatures(judge, data.references());
    Optional<HeldOut.Features> base = Optional.of(HeldOut.features(judge, draw(BASE)));
    if (data.style().isEmpty()) {
      return new HeldOutReferences(
          references.keptFeatures(judge, data.references(), threads),
          raw,
          Optional.empty(),
          base,
          data.owners());
    }
    TrainingData.PackStyle style = data.style().get();
    SortedMap<String, HeldOut.Features> passed = new TreeMap<>();
    for (EmojiStyle each : EmojiStyle.values()) {
      passed.put(each.key(), references.features(judge, style.pack().images(each)));
    }
    return HeldOutReferences.of(
        new HeldOutReferences.Styles(passed, style.target().key(), style.pack().train()),
        raw,
        base);
  }

  @Override
  public EvaluationReport.Result evaluate(int step, NamedTensors policy) {
    load(policy);
    Images images = draw(MEASURED);
    List<Integer> concepts = new ArrayList<>();
    List<Images> shown = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) {
      concepts.add(data.prompts().get(i / settings.groupSize()).index());
      if (i % settings.groupSize() == 0 && shown.size() < settings.shown()) {
        shown.add(images.get(i));
      }
    }
    return new EvaluationReport.Result(
        heldOut.score(images, concepts, settings.groupSize()).asMap(),
        Images.concat(shown.toArray(Images[]::new)),
        data.prompts().subList(0, shown.size()));
  }

  /** Draws with these weights from now on; before the first, with the base. */
  public void load(NamedTensors policy) {
    sampler.load(policy);
  }

  /**
   * Draws any number of images of each caption with the weights that are loaded. Those of one
   * caption are let go before the next one's are drawn. The first {@link Settings#groupSize} of
   * each are those that {@link #evaluate} measures.
   *
   * @param count images of each caption, at least 1
   * @param seen told of each caption's place and images, in order
   * @return what the measures look at, caption after caption
   */
  public HeldOut.Features look(int count, BiConsumer<Integer, Images> seen) {
    List<FeatureMatrix> pool = new ArrayList<>();
    List<FeatureMatrix> mid = new ArrayList<>();
    int groups = (count + settings.groupSize() - 1) / settings.groupSize();
    for (int place = 0; place < data.prompts().size(); place++) {
      int slot = place;
      Images images =
          draw(
                  IntStream.range(0, groups)
                      .mapToObj(i -> new GroupId(i == 0 ? MEASURED : BASE + i, slot))
                      .toList(),
                  Collections.nCopies(groups, data.prompts().get(place).text()),
                  settings.rewards())
              .slice(0, count);
      seen.accept(place, images);
      HeldOut.Features features = heldOut.look(images);
      pool.add(features.pool());
      mid.add(features.mid());
    }
    return new HeldOut.Features(FeatureMatrix.under(pool), FeatureMatrix.under(mid));
  }

  /** What measures; closed with this. */
  public HeldOut heldOut() {
    return heldOut;
  }

  /**
   * All captions, each {@code groupSize} times, with the weights that are loaded.
   *
   * @param set decides the noise
   */
  private Images draw(int set) {
    int count = data.prompts().size();
    return draw(
        IntStream.range(0, count).mapToObj(slot -> new GroupId(set, slot)).toList(),
        data.prompts().stream().map(Prompt::text).toList(),
        set == MEASURED ? settings.rewards() : Optional.empty());
  }

  private Images draw(List<GroupId> groups, List<String> texts, Optional<RewardTarget> rewards) {
    ImageSampler.Settings settings =
        new ImageSampler.Settings(
            this.settings.groupSize(),
            this.settings.height(),
            this.settings.width(),
            this.settings.steps(),
            this.settings.guidance(),
            rewards);
    return sampler.drawAll(
        noise,
        groups,
        texts,
        together(settings.count(), settings.height(), settings.width()),
        settings);
  }

  /**
   * Captions of one network call.
   *
   * @param groupSize images of each caption
   */
  public static int together(int groupSize, int height, int width) {
    return Math.toIntExact(Math.max(1, CALL_PIXELS / ((long) groupSize * height * width)));
  }

  @Override
  public void close() {
    sampler.close();
    model.close();
    heldOut.close();
    scope.close();
  }
}
