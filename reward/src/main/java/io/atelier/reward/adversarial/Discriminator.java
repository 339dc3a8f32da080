package io.atelier.reward.adversarial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tells reference images from generated ones by frozen features: a positive logit says reference.
 * One head judges each image as a whole and place by place. Not thread-safe: one compute thread
 * owns it.
 *
 * <p>Source: Adv-GRPO (arXiv 2511.20256, section 3), with the options of {@link
 * DiscriminatorConfig}.
 */
public final class Discriminator implements AutoCloseable {

  private final DiscriminatorConfig config;
  private final FeatureScale scale;
  private final Optional<PriorTerm> prior;
  private final Head head;
  private final HeadInputs inputs;

  private Discriminator(
      DiscriminatorConfig config, FeatureScale scale, Optional<PriorTerm> prior, Head head) {
    this.config = config;
    this.scale = scale;
    this.prior = prior;
    this.head = head;
    this.inputs = new HeadInputs(config, scale, prior);
  }

  /**
   * An untrained discriminator.
   *
   * @param references features of reference images: they fix the widths, and the statistics if
   *     {@link Normalise#STANDARD} is asked for or there is a prior
   * @param random for the first weights
   */
  public static Discriminator create(
      DiscriminatorConfig config, NamedTensors references, RandomStream random) {
    SortedMap<String, Integer> widths = new TreeMap<>();
    Optional<PriorTerm> prior =
        config
            .residual()
            .map(residual -> PriorTerm.of(residual, references.get(FeatureBatch.PRIOR).values()));
    SortedMap<String, Tensor> seen = new TreeMap<>(references.asMap());
    seen.remove(FeatureBatch.PRIOR);
    seen.forEach(
        (view, tensor) -> {
          int width = (int) tensor.shape()[tensor.shape().length - 1];
          String projection = HeadInputs.projection(config, view);
          Integer other = widths.put(projection, width + more(config, view));
          if (other != null && other != width) {
            throw new IllegalArgumentException(
                "a shared projection needs views of one width, got %d and %d: use own projections"
                    .formatted(other, width));
          }
        });
    FeatureScale scale = FeatureScale.of(config.normalise(), seen);
    Head head =
        Head.create(widths, config.hidden(), config.conditionWidth(), gated(config), random);
    return new Discriminator(config, scale, prior, head);
  }

  /**
   * Parameters of a head.
   *
   * @param views what is seen of any image, without a prior's score
   */
  static long parameters(DiscriminatorConfig config, NamedTensors views) {
    SortedMap<String, Integer> widths = new TreeMap<>();
    views
        .asMap()
        .forEach(
            (view, tensor) -> {
              int width = (int) tensor.shape()[tensor.shape().length - 1];
              widths.put(HeadInputs.projection(config, view), width + more(config, view));
            });
    return Head.parameters(widths, config.hidden(), config.conditionWidth(), gated(config));
  }

  /** Features of a view beside those of the encoder. */
  private static int more(DiscriminatorConfig config, String view) {
    return config.seesPrior() && view.equals(FeatureBatch.GLOBAL) ? 1 : 0;
  }

  private static List<String> gated(DiscriminatorConfig config) {
    return config.pooling().fusion() == Fusion.GATED
        ? config.maps().stream().map(map -> FeatureBatch.LOCAL + map).toList()
        : List.of();
  }

  /** A discriminator with a copy of {@link #weights}; other tensors are ignored. */
  public static Discriminator of(DiscriminatorConfig config, NamedTensors weights) {
    SortedMap<String, Integer> widths = new TreeMap<>();
    List<String> views = new ArrayList<>(List.of(FeatureBatch.GLOBAL));
    config.maps().forEach(map -> views.add(FeatureBatch.LOCAL + map));
    for (String view : views) {
      String projection = HeadInputs.projection(config, view);
      widths.put(projection, (int) weights.get(projection + ".weight").shape()[1]);
    }
    FeatureScale scale = FeatureScale.of(config.normalise(), weights, views);
    Optional<PriorTerm> prior = config.residual().map(residual -> PriorTerm.of(residual, weights));
    Head head = Head.of(weights, widths, config.conditionWidth() > 0, gated(config));
    return new Discriminator(config, scale, prior, head);
  }

  public DiscriminatorConfig config() {
    return config;
  }

  Head head() {
    return head;
  }

  /** What the head sees of images. */
  HeadInputs inputs() {
    return inputs;
  }

  /** The head and the statistics of the references: all that scoring needs; a copy. */
  public NamedTensors weights() {
    SortedMap<String, Tensor> all = new TreeMap<>(scale.tensors());
    prior.ifPresent(own -> all.putAll(own.tensors()));
    all.putAll(head.weights().export().asMap());
    return new NamedTensors(all);
  }

  /**
   * Scores of a batch.
   *
   * @param total the reward: {@code globalWeight * (prior + global) + localWeight * (prior +
   *     local)}, or a sigmoid of it, see {@link PoolingConfig#temperature}
   * @param global logit of each image as a whole
   * @param local of each image the logits of its places, pooled and fused as {@link PoolingConfig}
   *     says; zeros without maps
   * @param prior what the prior adds to each logit of an image; zeros without one
   * @param places by map the logits that {@code local} is made of, (n, places of the map); NaN for
   *     places that were not judged
   */
  public record Scores(
      float[] total,
      float[] global,
      float[] local,
      float[] prior,
      SortedMap<String, float[]> places) {}

  /**
   * Scores images one by one, so that the score of one does not depend on those beside it.
   *
   * @param places by view, the places of each image to judge; see {@link Places}
   */
  public Scores score(FeatureBatch batch, Places places) {
    float[] global = head.logits(inputs.global(batch, batch.condition()), 1);
    SortedMap<String, float[]> logits = new TreeMap<>();
    float[] local = local(batch, places, logits);
    float[] added = prior(batch);
    float[] total = new float[batch.count()];
    for (int n = 0; n < total.length; n++) {
      double logit = config.globalWeight() * global[n] + config.localWeight() * local[n];
      logit += (config.globalWeight() + config.localWeight()) * added[n];
      total[n] = (float) config.pooling().reward(logit);
    }
    return new Scores(total, global, local, added, logits);
  }

  /**
   * What the prior adds to every logit of an image, that of the whole and those of its places;
   * zeros without one.
   */
  float[] prior(FeatureBatch batch) {
    return prior.map(own -> own.of(batch)).orElseGet(() -> new float[batch.count()]);
  }

  /**
   * The local logit of every image; zeros without maps.
   *
   * @param by given by map the logits of places, see {@link Scores#places}
   */
  private float[] local(FeatureBatch batch, Places places, SortedMap<String, float[]> by) {
    float[] local = new float[batch.count()];
    List<int[][]> drawn =
        config.maps().stream().map(map -> HeadInputs.drawn(batch, map, places)).toList();
    List<Head.Input> maps = new ArrayList<>();
    for (int m = 0; m < drawn.size(); m++) {
      String map = config.maps().get(m);
      maps.add(inputs.local(batch, map, drawn.get(m)));
      float[] none = new float[batch.count() * HeadInputs.places(batch, map)];
      Arrays.fill(none, Float.NaN);
      by.put(map, none);
    }
    Torch.withGradients(
        false,
        () -> {
          for (int n = 0; n < local.length && !maps.isEmpty(); n++) {
            int image = n;
            try (NDManager work = head.newScope()) {
              List<NDArray> logits =
                  maps.stream()
                      .map(input -> head.logits(work, input.ofImage(image, local.length)))
                      .toList();
              local[n] = Host.floats(pooled(logits, 1))[0];
              for (int m = 0; m < logits.size(); m++) {
                float[] own = Host.floats(logits.get(m));
                float[] into = by.get(config.maps().get(m));
                int from = n * into.length / local.length;
                for (int k = 0; k < own.length; k++) {
                  into[from + drawn.get(m)[n][k]] = own[k];
                }
              }
            }
          }
          return null;
        });
    return local;
  }

  /** Logits of the places of images by each map, see {@link PlaceScores}; image by image. */
  SortedMap<String, float[]> places(FeatureBatch batch) {
    SortedMap<String, float[]> scores = new TreeMap<>();
    for (String map : config.maps()) {
      Head.Input input = inputs.local(batch, map, Places.every());
      float[] logits = head.logits(input, input.rows() / batch.count());
      float[] own = new float[batch.count() * PlaceGrid.COUNT];
      int each = logits.length / batch.count();
      for (int n = 0; n < batch.count(); n++) {
        double[] means =
            PlaceScores.onGrid(Arrays.copyOfRange(logits, n * each, (n + 1) * each), map);
        for (int p = 0; p < means.length; p++) {
          own[n * PlaceGrid.COUNT + p] = (float) means[p];
        }
      }
      scores.put(map, own);
    }
    return scores;
  }

  /**
   * The local logit of every image, (images), with a way back to the weights if the calling thread
   * is recording.
   *
   * @param work owns the result and all that is computed on the way
   * @param maps input of every map
   */
  NDArray local(NDManager work, List<Head.Input> maps, int images) {
    return pooled(maps.stream().map(input -> head.logits(work, input)).toList(), images);
  }

  /**
   * @param logits of the places of all images, by each map
   */
  private NDArray pooled(List<NDArray> logits, int images) {
    List<NDArray> maps = new ArrayList<>();
    for (NDArray own : logits) {
      int top = config.pooling().top((int) own.size() / images);
      maps.add(Head.top(own, images, top));
    }
    return head.fused(maps, config.pooling().fusion());
  }

  /** How well whole images of one side are told from those of the other. */
  public Health health(FeatureBatch real, FeatureBatch fake) {
    return Health.of(whole(real).sum(), whole(fake).sum());
  }

  /** How well images of one side are told from those of the other by all of their places. */
  Health localHealth(FeatureBatch real, FeatureBatch fake) {
    return Health.of(local(real).sum(), local(fake).sum());
  }

  /** Prior and logits of whole images. */
  ResidualLoss.Side whole(FeatureBatch batch) {
    float[] logits = head.logits(inputs.global(batch, batch.condition()), batch.count());
    return new ResidualLoss.Side(prior(batch), logits);
  }

  /** Prior and local logits of images by all of their places. */
  ResidualLoss.Side local(FeatureBatch batch) {
    return new ResidualLoss.Side(prior(batch), local(batch, Places.every(), new TreeMap<>()));
  }

  @Override
  public void close() {
    head.close();
  }
}
